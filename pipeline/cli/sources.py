"""`touming sources`: where reports are published, as the register has it, and how the crawl finds each.

Belongs here: the command and its layout. Does not belong here: the register and its checks (sources/), and health
(crawl/health.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from pipeline.cli.errors import Exit
from pipeline.cli.json_output import print_json

if TYPE_CHECKING:
    from pipeline.crawl.health import SourceHealth
    from pipeline.sources.model import Source


@click.command("sources")
@click.option("--json", "as_json", is_flag=True, help="One JSON array of sources.")
@click.option("--unwell", is_flag=True, help="Only sources that refuse, fail, are missing or show nothing.")
@click.pass_context
def command(context: click.Context, as_json: bool, unwell: bool) -> None:
    """List the registered sites and columns: organ, division, health, reports kept, last answer, address.

    Every line of the register is checked, its division against the gazetteer; exit code 2 with the wrong lines when
    there are any.

    --json: of each source the fields of the register (source_id, organ_name, division_code, column_url …), and under
    health: health_code, outcome, family, report_count, attachment_count, kept_count, gone_count, failed_count,
    waiting_count, last_visit_at, last_ok_at, message.
    """
    from pipeline.contract.divisions import load_gazetteer
    from pipeline.crawl.health import read_health
    from pipeline.paths import DataPaths
    from pipeline.sources.divisions import check_divisions
    from pipeline.sources.registry import RegistryError, load_sources

    paths = DataPaths.from_environment()
    try:
        sources = load_sources(paths)
    except RegistryError as error:
        click.echo(f"registry_wrong: {error}", err=True)
        context.exit(Exit.USAGE)
    pairs = list(zip(sources, read_health(paths, sources), strict=True))
    if unwell:
        pairs = [pair for pair in pairs if pair[1].health_code not in ("ok", "off", "never")]
    if as_json:
        rows = [{**asdict(source), "health": asdict(health)} for source, health in pairs]
        print_json(rows)
    else:
        _print_table(pairs)
    faults = check_divisions(sources, load_gazetteer())
    for source_id, fault in faults:
        click.echo(f"division_wrong: {source_id}: {fault}", err=True)
    context.exit(Exit.USAGE if faults else Exit.OK)


def _print_table(pairs: Sequence[tuple[Source, SourceHealth]]) -> None:
    from rich.table import Table

    from pipeline.cli.console import open_console

    table = Table(box=None, pad_edge=False)
    for header in ("source", "organ", "division", "family", "verified", "health", "kept", "last answer", "address"):
        table.add_column(header, overflow="fold")
    for source, health in pairs:
        verified = source.last_verified_date or "not yet"
        state = f"{health.health_code}: {health.message}" if health.message else health.health_code
        last = f"{health.last_ok_at:%Y-%m-%d}" if health.last_ok_at else ""
        table.add_row(
            source.source_id,
            source.organ_name,
            source.division_code,
            health.family,
            verified,
            state,
            f"{health.kept_count}/{health.report_count + health.attachment_count}",
            last,
            source.column_url,
        )
    open_console().print(table)
