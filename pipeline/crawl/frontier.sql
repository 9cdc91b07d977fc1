-- The crawl's memory. Everything here can be made again from the captures (rebuild.py). Times are seconds since 1970.
CREATE TABLE IF NOT EXISTS request (
    key TEXT PRIMARY KEY,
    source_id TEXT NOT NULL,
    lane TEXT NOT NULL,
    method TEXT NOT NULL,
    url TEXT NOT NULL,
    form TEXT NOT NULL,
    referer TEXT NOT NULL,
    role TEXT NOT NULL,
    depth INTEGER NOT NULL,
    parent_key TEXT,
    list_head TEXT NOT NULL,
    title TEXT NOT NULL DEFAULT '',
    is_guess INTEGER NOT NULL DEFAULT 0,
    family TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL DEFAULT 'pending',
    due_at REAL NOT NULL DEFAULT 0,
    attempt_count INTEGER NOT NULL DEFAULT 0,
    outcome TEXT,
    http_status INTEGER,
    final_url TEXT,
    etag TEXT NOT NULL DEFAULT '',
    last_modified TEXT NOT NULL DEFAULT '',
    sha256 TEXT,
    content_sha256 TEXT,
    capture_id TEXT,
    unchanged_count INTEGER NOT NULL DEFAULT 0,
    missing_count INTEGER NOT NULL DEFAULT 0,
    missing_night INTEGER NOT NULL DEFAULT 0,
    failing_count INTEGER NOT NULL DEFAULT 0,
    first_seen_at REAL NOT NULL,
    last_seen_at REAL NOT NULL,
    last_fetched_at REAL,
    last_ok_at REAL,
    gone_at REAL,
    declared_count INTEGER,
    skipped_count INTEGER NOT NULL DEFAULT 0,
    warnings TEXT NOT NULL DEFAULT '[]'
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS request_by_lane ON request (lane, state, due_at);
CREATE INDEX IF NOT EXISTS request_by_source ON request (source_id, state);
CREATE INDEX IF NOT EXISTS request_by_bytes ON request (sha256, lane);
CREATE INDEX IF NOT EXISTS request_by_list ON request (list_head);
-- Which page of a list shows which entry, as last read
CREATE TABLE IF NOT EXISTS entry (
    list_key TEXT NOT NULL,
    child_key TEXT NOT NULL,
    PRIMARY KEY (list_key, child_key)
) WITHOUT ROWID;
-- How many reports a source had at the end of the last crawl that read its lists
CREATE TABLE IF NOT EXISTS source_count (
    source_id TEXT PRIMARY KEY,
    report_count INTEGER NOT NULL,
    counted_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS run (
    run_id TEXT PRIMARY KEY,
    started_at REAL NOT NULL,
    ended_at REAL,
    summary TEXT NOT NULL DEFAULT '{}'
);
CREATE TEMP TABLE IF NOT EXISTS running (source_id TEXT PRIMARY KEY);
