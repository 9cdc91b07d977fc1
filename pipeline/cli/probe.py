"""`touming probe`: look at an address before it is registered.

Belongs here: the command and its layout. Does not belong here: asking and judging (crawl/probe.py).
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from pipeline.cli.errors import CommandError, Exit
from pipeline.cli.json_output import print_json

if TYPE_CHECKING:
    from pipeline.crawl.probe import ProbeReport

_SHOWN = 5


@click.command("probe")
@click.argument("url")
@click.option("--json", "as_json", is_flag=True, help="Everything as one JSON object.")
def command(url: str, as_json: bool) -> None:
    """Ask an address once (after its robots.txt) and print what it is: family, pager, first titles, columns found.

    Nothing is kept. The environment must say who asks: TOUMING_CRAWL_URL and TOUMING_CRAWL_CONTACT.

    --json, whatever the exit code: url, is_allowed, robots_detail, crawl_delay_seconds, outcome, status, final_url,
    tls_mode, detail, family, evidence, reading (links, next_requests, declared_count, declared_pages, skipped_count,
    warnings), columns.
    """
    from urllib.parse import urlsplit

    from pipeline.crawl.agent import AgentUnnamedError, make_fetcher
    from pipeline.crawl.probe import probe_address

    host = (urlsplit(url).hostname or "").lower()
    try:
        fetcher = make_fetcher((), lambda name: name == host)
    except AgentUnnamedError as error:
        raise CommandError(Exit.USAGE, "agent_unnamed", str(error), "set both and run it again") from None
    report = probe_address(url, fetcher)
    if as_json:
        print_json(asdict(report))
    else:
        _print_report(report)
    if not report.family:
        raise CommandError(
            Exit.UNREAD_DOCUMENTS,
            "address_unread",
            f"{url}: {report.outcome}: {report.detail or report.robots_detail or 'no page came of it'}",
            "open it in a browser: a site that refuses is registered switched off, with the reason in its note",
        )


def _print_report(report: ProbeReport) -> None:
    allowed = "may be asked" if report.is_allowed else "may not be asked"
    delay = f", wants {report.crawl_delay_seconds:g} s between requests" if report.crawl_delay_seconds else ""
    lines = [("robots.txt", f"{allowed}{delay} {report.robots_detail}".strip())]
    lines.append(("answer", f"{report.outcome} {report.status or ''} {report.tls_mode} {report.final_url}"))
    if report.family:
        reading = report.reading
        seen = ", ".join(f"{where} {what!r}" for where, what, _ in report.evidence) or "no marks: read as any site"
        declared = ", ".join(
            f"{number} {what}"
            for what, number in (("pages", reading.declared_pages), ("entries", reading.declared_count))
            if number is not None
        )
        lines.append(("family", f"{report.family} ({seen})"))
        lines.append(("pager", f"{len(reading.next_requests)} later pages; declares {declared or 'nothing'}"))
        lines.append(("entries", f"{len(reading.links)} on this page, {reading.skipped_count} left out by their title"))
        lines += [(f"  {link.role}", f"{link.title}  {link.url}") for link in reading.links[:_SHOWN]]
        lines += [("column", f"{link.title}  {link.url}") for link in report.columns[:_SHOWN]]
        lines += [("warning", f"{code}: {text}") for code, text in reading.warnings]
    for name, text in lines:
        click.echo(f"{name:<12} {text}")
