"""The frontier made again from the captures: every answer is followed once more, from the archive instead of the site.

Belongs here: replaying captures in the order of time; `python -m pipeline.crawl.rebuild` does it. Does not belong here:
deciding and following, which are those of the crawl itself.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from pipeline.archive.captures import CAPTURED, Capture, CaptureLog
from pipeline.archive.store import BlobDamagedError, BlobMissingError, BlobStore
from pipeline.crawl.changes import hash_content
from pipeline.crawl.decisions import Answer, decide
from pipeline.crawl.entries import Child, Entry, Following
from pipeline.crawl.following import follow_page
from pipeline.crawl.frontier import Ending, Frontier
from pipeline.crawl.keys import make_key
from pipeline.crawl.model import Outcome
from pipeline.crawl.policy import DEFAULT_PACE, RETRYABLE
from pipeline.crawl.recording import read_site
from pipeline.crawl.run import lock_frontier
from pipeline.paths import DataPaths
from pipeline.sources.model import Page, SiteRequest, Source
from pipeline.sources.registry import AUTO_FAMILY, load_sources


def rebuild_frontier(paths: DataPaths, sources: Sequence[Source]) -> int:
    """Make the frontier of a data folder from its captures and return how many of them it took.

    The one that is there is replaced. What no capture shows is lost: guesses that came to nothing, and answers of
    addresses that no source leads to any more. A blob that is gone or damaged leaves its address to be asked again.
    """
    with lock_frontier(paths):
        for suffix in ("", "-wal", "-shm"):
            paths.frontier.with_name(paths.frontier.name + suffix).unlink(missing_ok=True)
        frontier = Frontier(paths.frontier)
        try:
            return _replay(frontier, BlobStore(paths.blobs), CaptureLog(paths.captures).read(), sources)
        finally:
            frontier.close()


def _replay(frontier: Frontier, store: BlobStore, captures: Iterable[Capture], sources: Sequence[Source]) -> int:
    families = {source.source_id: source.family for source in sources}
    began = False
    count = 0
    attempts: dict[str, int] = {}
    for capture in sorted(captures, key=lambda one: one.captured_at):
        site = read_site(capture)
        if site is None or capture.source_id is None:
            continue
        now = capture.captured_at.timestamp()
        if not began:
            frontier.open_run(sources, now)
            began = True
        entry = _find_entry(frontier, site, capture, now)
        key = entry.key
        is_failing = capture.fetch_outcome_code in RETRYABLE
        attempts[key] = attempts.get(key, 0) % DEFAULT_PACE.attempts + 1 if is_failing else 0
        _replay_capture(frontier, store, replace(entry, attempt=max(attempts[key], 1)), capture, families)
        count += 1
    if not began:
        frontier.open_run(sources, 0.0)
    return count


def _find_entry(frontier: Frontier, site: SiteRequest, capture: Capture, now: float) -> Entry:
    """The request of a capture; one that nothing leads to any more is known by its capture alone."""
    key = make_key(site)
    entry = frontier.find(key)
    if entry is None:
        frontier.add(capture.source_id or "", Child(site, 0, is_entry=False), now)
        entry = frontier.find(key)
        assert entry is not None
    return entry


def _replay_capture(
    frontier: Frontier, store: BlobStore, entry: Entry, capture: Capture, families: Mapping[str, str]
) -> None:
    now = capture.captured_at.timestamp()
    outcome = Outcome(capture.fetch_outcome_code)
    final_url = capture.final_url_text or entry.site.url
    is_redirected = make_key(replace(entry.site, url=final_url)) != entry.key
    body = _read_blob(store, capture)
    following: Following | None = None
    content = entry.visit.content_sha256
    if body is not None:
        content = hash_content(body, capture.media_type or "")
        if capture.fetch_outcome_code == CAPTURED:
            page = Page(entry.site, final_url, body, capture.declared_media_type_text or "", entry.depth)
            family = families.get(entry.source_id, AUTO_FAMILY)
            following = follow_page(entry, page, capture.media_type or "", family, frontier.find_known)
    elif capture.sha256 is not None:
        return
    etag, last_modified = capture.etag_text or "", capture.last_modified_text or ""
    answer = Answer(outcome, capture.sha256, content, etag, last_modified, is_redirected)
    wait = None
    if outcome in RETRYABLE and entry.attempt < DEFAULT_PACE.attempts:
        wait = DEFAULT_PACE.retry_waits[0]
    verdict = decide(entry, answer, now, wait)
    if following is not None and not following.is_accepted:
        # It was accepted when it was captured; today's adapter may read it otherwise
        following = replace(following, is_accepted=True)
    if capture.sha256 is not None:
        verdict = replace(verdict, visit=replace(verdict.visit, capture_id=capture.capture_id))
    ending = Ending(outcome, capture.http_status, final_url)
    frontier.finish(entry, verdict, following, ending, now)


def _read_blob(store: BlobStore, capture: Capture) -> bytes | None:
    if capture.sha256 is None:
        return None
    try:
        return store.get(capture.sha256)
    except (BlobMissingError, BlobDamagedError, OSError):
        return None


if __name__ == "__main__":
    folders = DataPaths.from_environment()
    sys.stdout.write(f"{rebuild_frontier(folders, load_sources(folders))} captures\n")
