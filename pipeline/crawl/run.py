"""One crawl: sources in, captures and a summary out.

Belongs here: the run's beginning, its threads, its end. Does not belong here: what happens to a single request
(crawler.py), and what a person sees of it (cli/, orchestration/).
"""

from __future__ import annotations

import datetime as dt
import fcntl
import random
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from pipeline.archive.compaction import compact_months
from pipeline.crawl.alarms import find_alarms
from pipeline.crawl.crawler import Chance, Crawler, Fetching, Rules
from pipeline.crawl.frontier import Frontier
from pipeline.crawl.lanes import Clock, SystemClock
from pipeline.crawl.policy import DEFAULT_PACE, Pace, QuietHours, is_run_over
from pipeline.crawl.progress import CrawlProgress, CrawlSummary, find_percentile
from pipeline.crawl.recording import Recorder
from pipeline.paths import DataPaths
from pipeline.sources.model import Source
from pipeline.sources.overrides import HostOverride

_JOIN_SECONDS = 0.2


class CrawlRunningError(RuntimeError):
    """Another crawl works on the same data folder; two would ask the same hosts at once."""


@dataclass(frozen=True, slots=True)
class CrawlOptions:
    """How a crawl runs. thread_count bounds the hosts asked at the same time, max_requests the whole run.

    With quiet_hours the run ends when they do. clock and chance are the machine's; tests pass their own.
    """

    pace: Pace = DEFAULT_PACE
    overrides: Mapping[str, HostOverride] = field(default_factory=dict)
    thread_count: int = 32
    max_requests: int | None = None
    quiet_hours: QuietHours | None = None
    progress_seconds: float = 1.0
    clock: Clock = field(default_factory=SystemClock)
    chance: Chance = field(default_factory=random.Random)


def crawl(
    paths: DataPaths,
    sources: Sequence[Source],
    fetcher: Fetching,
    options: CrawlOptions,
    on_progress: Callable[[CrawlProgress], None],
    stop: threading.Event,
) -> CrawlSummary:
    """Visit everything of these sources that is due, and whatever it leads to.

    A site that is dead, refuses or answers nonsense is counts in the summary. When `stop` is set, the requests in
    flight are finished and the rest is left for the next run; so it is after a crash. CrawlRunningError when another
    crawl is at work on this data folder, OSError when the disk is full.
    """
    clock = options.clock
    started = clock.now()
    run_id = f"{dt.datetime.fromtimestamp(started, dt.UTC):%Y%m%dT%H%M%S%f}"
    with lock_frontier(paths), _open_frontier(paths) as frontier:
        frontier.open_run(sources, started)
        frontier.start_run_record(run_id, started)
        rules = Rules(options.pace, options.overrides, options.max_requests, options.chance, clock)
        by_id = {source.source_id: source for source in sources}
        crawler = Crawler(frontier, Recorder(paths), fetcher, by_id, rules, stop)
        crawler.open_lanes()
        is_over = _run_threads(crawler, options, lambda: on_progress(_measure(crawler, started)), started, stop)
        on_progress(_measure(crawler, started))
        summary = _summarise(crawler, run_id, started, sources, is_complete=not (is_over or stop.is_set()))
        frontier.end_run_record(run_id, clock.now(), summary.describe())
        compact_months(paths.captures, f"{dt.datetime.fromtimestamp(started, dt.UTC):%Y-%m}")
        return summary


@contextmanager
def lock_frontier(paths: DataPaths) -> Iterator[None]:
    """Hold the right to crawl into a data folder; CrawlRunningError when another process has it."""
    paths.frontier.parent.mkdir(parents=True, exist_ok=True)
    with paths.frontier.with_suffix(".lock").open("a") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CrawlRunningError(
                f"another crawl is at work in {paths.root}; wait until it ends, or stop it: what it has is kept"
            ) from None
        yield


@contextmanager
def _open_frontier(paths: DataPaths) -> Iterator[Frontier]:
    frontier = Frontier(paths.frontier)
    try:
        yield frontier
    finally:
        frontier.close()


def _run_threads(
    crawler: Crawler, options: CrawlOptions, report: Callable[[], None], started: float, stop: threading.Event
) -> bool:
    """Let threads work until all is done or time is up; whether time was up. An interrupt lands here and stops them."""
    errors: list[BaseException] = []

    def work() -> None:
        try:
            crawler.work()
        # A full disk in one thread must end the run, not be lost with the thread
        except BaseException as error:
            errors.append(error)
            stop.set()

    threads = [threading.Thread(target=work, name=f"crawl-{n}", daemon=True) for n in range(options.thread_count)]
    try:
        for thread in threads:
            thread.start()
        is_over = _watch_threads(threads, crawler, options, report, started, stop)
    except BaseException:
        stop.set()
        crawler.lanes.close()
        for thread in threads:
            thread.join()
        raise
    if errors:
        raise errors[0]
    return is_over


def _watch_threads(
    threads: Sequence[threading.Thread],
    crawler: Crawler,
    options: CrawlOptions,
    report: Callable[[], None],
    started: float,
    stop: threading.Event,
) -> bool:
    """Wait for the threads in short pieces, report, and close the lanes when time is up; whether it was."""
    is_over = False
    reported = options.clock.now()
    while alive := [thread for thread in threads if thread.is_alive()]:
        alive[0].join(_JOIN_SECONDS)
        now = options.clock.now()
        is_over = is_over or _is_time_up(options, started, now)
        if is_over or stop.is_set():
            crawler.lanes.close()
        if now - reported >= options.progress_seconds:
            reported = now
            report()
    return is_over


def _is_time_up(options: CrawlOptions, started: float, now: float) -> bool:
    if is_run_over(started, now, options.pace):
        return True
    hours = options.quiet_hours
    return hours is not None and not hours.holds(dt.datetime.fromtimestamp(now, dt.UTC))


def _measure(crawler: Crawler, started: float) -> CrawlProgress:
    tally = crawler.tally
    return CrawlProgress(
        done_count=tally.attempt_count,
        waiting_count=crawler.frontier.count_waiting(),
        answered_count=tally.answered_count,
        failure_count=tally.attempt_count - tally.answered_count,
        host_count=crawler.lanes.open_count,
        byte_count=tally.byte_count,
        elapsed_seconds=crawler.rules.clock.now() - started,
    )


def _summarise(
    crawler: Crawler, run_id: str, started: float, sources: Sequence[Source], *, is_complete: bool
) -> CrawlSummary:
    tally, now = crawler.tally, crawler.rules.clock.now()
    waiting = crawler.frontier.count_waiting()
    return CrawlSummary(
        run_id=run_id,
        attempt_count=tally.attempt_count,
        outcome_counts=dict(sorted(tally.outcomes.items())),
        change_counts=dict(sorted(tally.changes.items())),
        byte_count=tally.byte_count,
        elapsed_seconds=now - started,
        latency_p95_ms=find_percentile(tally.latencies_ms, 0.95),
        source_count=len(sources),
        waiting_count=waiting,
        is_complete=is_complete and not waiting,
        failures_by_host=tally.find_worst_hosts(),
        resting=crawler.lanes.list_resting(),
        alarms=find_alarms(crawler.frontier, sources, started, now, tally),
    )
