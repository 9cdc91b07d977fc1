"""`touming sources`: where reports are published, as far as the register knows.

Belongs here: the command and its layout. Does not belong here: the register and its checks (sources/).
"""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from pipeline.cli.errors import Exit


@click.command("sources")
@click.option("--json", "as_json", is_flag=True, help="One JSON array, an object for each source.")
@click.pass_context
def command(context: click.Context, as_json: bool) -> None:
    """List the registered sites and columns: organ, division, address, family of sites, when a person last saw it.

    Every line of the register is checked; exit code 2 with the wrong lines when there are any.
    """
    from pipeline.sources.registry import RegistryError, load_sources

    try:
        sources = load_sources()
    except RegistryError as error:
        click.echo(f"registry_wrong: {error}", err=True)
        context.exit(Exit.USAGE)
    if as_json:
        click.echo(json.dumps([asdict(source) for source in sources], ensure_ascii=False, indent=2))
        return
    from rich.table import Table

    from pipeline.cli.console import open_console

    table = Table(box=None, pad_edge=False)
    for header in ("source", "organ", "division", "family", "verified", "address"):
        table.add_column(header, overflow="fold")
    for source in sources:
        verified = source.last_verified_date or ("not yet" if source.is_enabled else "switched off")
        table.add_row(
            source.source_id, source.organ_name, source.division_code, source.family, verified, source.column_url
        )
    open_console().print(table)
