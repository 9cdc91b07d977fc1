"""Our crawl over local sites, alone in a process: a task as JSON on stdin, what it cost as JSON on stdout.

Belongs here: one run of pipeline.crawl and the resources of this process. Does not belong here: servers, comparing.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from pipeline.crawl.limits import FetchLimits, make_user_agent
from pipeline.crawl.net import Fetcher
from pipeline.crawl.policy import Pace
from pipeline.crawl.progress import CrawlSummary
from pipeline.crawl.run import CrawlOptions, crawl
from pipeline.paths import DataPaths
from pipeline.sources.model import Role, Source

_USER_AGENT = make_user_agent("0", "https://example.org/crawl", "crawl@example.org")
_LIMITS = FetchLimits(page_bytes=2_000_000, attachment_bytes=2_000_000)


def crawl_columns(root: Path, columns: Sequence[str], pace: Pace, threads: int) -> CrawlSummary:
    """One night over columns on 127.0.0.0/8, their families to be found out."""
    hosts = {urlsplit(column).hostname for column in columns}
    fetcher = Fetcher(
        user_agent=_USER_AGENT, allowed_hosts=lambda host: host in hosts, limits=_LIMITS, allow_loopback=True
    )
    sources = [_describe_source(number, column) for number, column in enumerate(columns)]
    options = CrawlOptions(pace=pace, thread_count=threads)
    return crawl(DataPaths(root), sources, fetcher, options, lambda _: None, threading.Event())


def _describe_source(number: int, column: str) -> Source:
    return Source(
        source_id=f"site-{number}",
        organ_name="",
        division_code="410300",
        division_level="county",
        column_url=column,
        family="auto",
        role=Role.LIST,
        expected_from_year=None,
        last_verified_date="",
        is_enabled=True,
        note_text="",
    )


def read_memory_mb(field: str) -> float:
    """Megabytes this process holds (VmRSS) or has held at most (VmHWM), as Linux counts them; 0 elsewhere."""
    # What getrusage says is the most that the starting process held as well
    status = Path("/proc/self/status")
    lines = status.read_text(encoding="ascii").splitlines() if status.is_file() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{field}:")), 0.0)


def main() -> None:
    """Crawl what stdin says."""
    task = json.load(sys.stdin)
    delay = float(task["delay_seconds"])
    pace = Pace(least_delay=delay, longest_delay=delay, latency_factor=0.0, jitter_share=0.25)
    base_mb, started, spent = read_memory_mb("VmRSS"), time.monotonic(), time.process_time()
    crawl_columns(Path(task["root"]), task["columns"], pace, task["threads"])
    figures = {"cpu_seconds": time.process_time() - spent, "seconds": time.monotonic() - started}
    print(json.dumps(figures | {"base_mb": base_mb, "peak_mb": read_memory_mb("VmHWM")}))


if __name__ == "__main__":
    main()
