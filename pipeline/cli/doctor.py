"""`touming doctor`: is everything there that the commands need?

Belongs here: the command, its layout and exit code. Does not belong here: the examinations (examinations.py).
"""

from __future__ import annotations

from dataclasses import asdict

import click

from pipeline.cli.errors import Exit
from pipeline.cli.json_output import print_json

_COLOURS = {"green": "green", "amber": "yellow", "red": "red"}


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="One JSON array of examinations.")
@click.pass_context
def command(context: click.Context, as_json: bool) -> None:
    """Examine this machine and this checkout: green is well, amber costs something, red must be mended.

    Exit code 1 when something is red, 5 when only the warehouse is.

    --json, whatever the exit code: name, level (green, amber, red), found and next_step of each examination.
    """
    from pipeline.cli.examinations import examine
    from pipeline.paths import DataPaths

    results = examine(DataPaths.from_environment())
    if as_json:
        print_json([asdict(result) for result in results])
    else:
        from rich.table import Table
        from rich.text import Text

        from pipeline.cli.console import open_console

        table = Table(box=None, pad_edge=False)
        for header in ("", "what", "found", "next"):
            table.add_column(header, overflow="fold")
        for result in results:
            level = Text(result.level, style=_COLOURS[result.level])
            table.add_row(level, result.name, result.found, result.next_step)
        open_console().print(table)
    red = {result.name for result in results if result.level == "red"}
    context.exit(Exit.OK if not red else Exit.NO_WAREHOUSE if red == {"warehouse"} else Exit.UNEXPECTED)
