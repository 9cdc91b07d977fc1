"""`touming crawl`: visit the registered sites.

Belongs here: choosing sources, the progress shown, what is printed at the end. Does not belong here: the crawl itself
(crawl/).
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from pipeline.cli.errors import CommandError, Exit
from pipeline.cli.json_output import print_json
from pipeline.cli.offered_values import offer_provinces
from pipeline.cli.progress import is_terminal, open_bars
from pipeline.cli.register import load_register, source_option

if TYPE_CHECKING:
    from pipeline.crawl.plan import PlannedSource
    from pipeline.crawl.progress import CrawlProgress, CrawlSummary
    from pipeline.sources.model import Source

_LINE_SECONDS = 30.0


@click.command("crawl")
@source_option
@click.option(
    "--province",
    "provinces",
    multiple=True,
    metavar="CODE",
    shell_complete=offer_provinces,
    help="Only of this province: 41 or 410000.",
)
@click.option("--dry-run", is_flag=True, help="Print what is due and ask nobody.")
@click.option("--limit", type=click.IntRange(min=1), help="Stop after so many requests.")
@click.option("--json", "as_json", is_flag=True, help="The summary (or the plan) as JSON.")
def command(
    source_ids: tuple[str, ...], provinces: tuple[str, ...], dry_run: bool, limit: int | None, as_json: bool
) -> None:
    """Visit what is due of the registered sources, politely, and archive what is new.

    It can be stopped with Ctrl-C at any time and goes on where it was. `touming run` then reads what it brought. The
    environment must say who crawls: TOUMING_CRAWL_URL and TOUMING_CRAWL_CONTACT.

    --json: run_id, attempt_count, outcome_counts, change_counts, byte_count, elapsed_seconds, latency_p95_ms,
    source_count, waiting_count, is_complete, failures_by_host, resting, alarms (code, source_id, message). With
    --dry-run an array: source_id, lanes, list_count, report_count, attachment_count, new_count, least_seconds.
    """
    import time

    from pipeline.crawl.plan import plan_crawl
    from pipeline.crawl.policy import DEFAULT_PACE
    from pipeline.paths import DataPaths

    sources = choose_sources(source_ids, provinces)
    if dry_run:
        _print_plan(plan_crawl(DataPaths.from_environment(), sources, time.time(), DEFAULT_PACE), as_json)
        return
    summary = _crawl(sources, limit)
    _print_summary(summary, as_json)
    if any(alarm.code == "night_empty" for alarm in summary.alarms):
        raise CommandError(
            Exit.UNEXPECTED,
            "night_empty",
            f"none of {summary.attempt_count} requests was answered",
            "check this machine's connection and name resolution; the failures above say how it failed",
        )


def choose_sources(source_ids: tuple[str, ...], provinces: tuple[str, ...]) -> tuple[Source, ...]:
    """Enabled sources of the register, narrowed by province; those named by id even when they are switched off."""
    from pipeline.paths import DataPaths

    known = load_register(DataPaths.from_environment())
    missing = sorted(set(source_ids) - {source.source_id for source in known})
    if missing:
        message = f"no source is called {', '.join(missing)}"
        raise CommandError(Exit.USAGE, "source_unknown", message, "touming sources lists them")
    prefixes = tuple(province[:2] for province in provinces)
    chosen = tuple(
        source
        for source in known
        if (source.source_id in source_ids if source_ids else source.is_enabled)
        and (not prefixes or source.division_code.startswith(prefixes))
    )
    if not chosen:
        raise CommandError(Exit.USAGE, "no_source", "no source is left to crawl", "touming sources lists them")
    return chosen


def _crawl(sources: tuple[Source, ...], limit: int | None) -> CrawlSummary:
    from pipeline.crawl.agent import AgentUnnamedError, make_fetcher
    from pipeline.crawl.run import CrawlOptions, CrawlRunningError, crawl
    from pipeline.paths import DataPaths
    from pipeline.sources.overrides import load_overrides

    stop = threading.Event()
    paths = DataPaths.from_environment()
    options = CrawlOptions(overrides=load_overrides(paths), max_requests=limit)
    try:
        fetcher = make_fetcher(sources, overrides=options.overrides)
        with _stop_on_signals(stop), _show_progress() as show:
            return crawl(paths, sources, fetcher, options, show, stop)
    except AgentUnnamedError as error:
        raise CommandError(Exit.USAGE, "agent_unnamed", str(error), "set both and run it again") from None
    except CrawlRunningError as error:
        raise CommandError(Exit.USAGE, "crawl_running", str(error), "run it again then") from None


@contextmanager
def _stop_on_signals(stop: threading.Event) -> Iterator[None]:
    """A first signal lets the requests in flight finish; a second one of the same kind ends the process."""

    def ask(number: int, frame: object) -> None:  # noqa: ARG001 (the signal module's signature)
        click.echo("stopping: the requests in flight are finished first …", err=True)
        stop.set()
        signal.signal(number, signal.SIG_DFL)

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _show_progress() -> Iterator[Callable[[CrawlProgress], None]]:
    """A bar on a terminal, a line every half minute elsewhere; on stderr."""
    if not is_terminal():
        yield _LinePrinter()
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn

    columns = (TextColumn("crawl"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    with open_bars(*columns, TimeElapsedColumn()) as bar:
        task = bar.add_task("", total=None)

        def show(progress: CrawlProgress) -> None:
            total = progress.done_count + progress.waiting_count
            bar.update(task, completed=progress.done_count, total=total, description=describe_progress(progress))

        yield show


class _LinePrinter:
    """Prints how far a crawl is, now and then."""

    def __init__(self) -> None:
        self._printed_at = 0.0

    def __call__(self, progress: CrawlProgress) -> None:
        if progress.elapsed_seconds - self._printed_at >= _LINE_SECONDS:
            self._printed_at = progress.elapsed_seconds
            click.echo(f"{progress.done_count} done, {describe_progress(progress)}", err=True)


def describe_progress(progress: CrawlProgress) -> str:
    """One line about how far a crawl is."""
    megabytes = progress.byte_count / 1_000_000
    return (
        f"{progress.waiting_count} waiting, {progress.failure_count} failed, {progress.host_count} hosts, "
        f"{megabytes:.1f} MB"
    )


def _print_plan(plans: tuple[PlannedSource, ...], as_json: bool) -> None:
    from dataclasses import asdict

    if as_json:
        print_json([asdict(plan) for plan in plans])
        return
    from rich.table import Table

    from pipeline.cli.console import open_console

    table = Table(box=None, pad_edge=False)
    for header in ("source", "hosts", "lists", "reports", "files", "of them new", "at least"):
        table.add_column(header, overflow="fold")
    for plan in plans:
        counts = (plan.list_count, plan.report_count, plan.attachment_count, plan.new_count)
        table.add_row(plan.source_id, ", ".join(plan.lanes), *map(str, counts), f"{plan.least_seconds:.0f} s")
    open_console().print(table)


def _print_summary(summary: CrawlSummary, as_json: bool) -> None:
    if as_json:
        print_json(summary.describe())
        return
    changes = ", ".join(f"{count} {change}" for change, count in summary.change_counts.items()) or "nothing"
    ending = "" if summary.is_complete else f"; {summary.waiting_count} requests wait for the next run"
    click.echo(f"asked    {summary.attempt_count} requests of {summary.source_count} sources{ending}")
    click.echo(f"pages    {changes}")
    for outcome, count in summary.failure_counts.items():
        click.echo(f"failed   {count} {outcome}")
    for lane, reason in summary.resting:
        click.echo(f"resting  {lane}: {reason}")
    for alarm in summary.alarms:
        click.echo(f"alarm    {alarm.code} {alarm.source_id}: {alarm.message}")
