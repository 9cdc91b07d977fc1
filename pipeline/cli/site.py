"""`touming site`: the published warehouse as a folder of pages.

Belongs here: the command and its messages. Does not belong here: the pages (pipeline/site).
"""

from __future__ import annotations

from pathlib import Path

import click

from pipeline.cli.errors import CommandError, Exit
from pipeline.cli.progress import show_progress


@click.command("site")
@click.option(
    "--output", "-o", type=click.Path(file_okay=False, path_type=Path), help="Folder of the site; else warehouse/site."
)
@click.option(
    "--report-limit",
    type=click.IntRange(min=0),
    default=2_000,
    show_default=True,
    help="Ship the source text of reports when there are at most so many; beyond that touming serve shows it.",
)
def command(output: Path | None, report_limit: int) -> None:
    """Write the analyst site: pages with filters and charts that open from the folder, without server or network.

    Prints the page to open. A site that is there is replaced once the new one is whole.
    """
    from pipeline.cli.query import explain_query_error
    from pipeline.orchestration.source_text import SourceTexts
    from pipeline.paths import DataPaths
    from pipeline.site.build import SiteError, write_site
    from pipeline.warehouse.query_errors import QueryError

    paths = DataPaths.from_environment()
    folder = (output or paths.site).absolute()
    click.echo(f"writing {folder} …", err=True)
    try:
        with show_progress("the site that was there before stands; run it again"):
            site = write_site(paths.published, folder, SourceTexts(paths).read, report_limit)
    except QueryError as error:
        raise explain_query_error(error) from error
    except SiteError as error:
        raise CommandError(
            Exit.UNEXPECTED if error.code == "site_outrun" else Exit.USAGE, error.code, error.message, error.next_step
        ) from error
    click.echo(
        f"build {site.build_id}: {site.agency_count:,} agencies, {site.shipped_report_count:,} of "
        f"{site.report_count:,} reports with their source text; {site.file_count:,} files, "
        f"{site.byte_count:,} bytes in {site.seconds:.1f} s",
        err=True,
    )
    if site.shipped_report_count < site.report_count:
        click.echo("the source text of the others: touming serve", err=True)
    click.echo(site.folder / "index.html")
