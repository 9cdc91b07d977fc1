"""`touming source`: from a number back to its place in print.

Belongs here: the command and its layout. Does not belong here: the look-up (warehouse/source.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pipeline.cli.errors import CommandError, Exit
from pipeline.cli.offered_values import offer_agencies, offer_cells, offer_years

if TYPE_CHECKING:
    from pipeline.paths import DataPaths


@click.command("source")
@click.argument("agency", metavar="AGENCY", shell_complete=offer_agencies)
@click.argument("year", type=int, metavar="YEAR", shell_complete=offer_years)
@click.argument("cell", metavar="CELL", shell_complete=offer_cells)
def command(agency: str, year: int, cell: str) -> None:
    """Show where the number of an agency's latest report of YEAR is printed.

    AGENCY is an id or a name, CELL a cell code such as requests.new_received.total, a row, or a label of the form.
    """
    from pipeline.cli.query import explain_query_error
    from pipeline.paths import DataPaths
    from pipeline.warehouse.query_errors import QueryError
    from pipeline.warehouse.source import find_source

    paths = DataPaths.from_environment()
    try:
        rows = find_source(paths.published, agency, year, cell)
    except QueryError as error:
        raise explain_query_error(error) from error
    if not rows:
        raise CommandError(
            Exit.USAGE,
            "source_not_found",
            f"the warehouse has no report of {agency} for {year}",
            "touming query 'SELECT agency_name, report_year FROM mart.agency_year WHERE has_report' lists them",
        )
    for row in rows:
        value = "no value" if row.value is None else f"{row.value.normalize():f} {row.unit}"
        click.echo(f"{row.agency_name} {row.report_year}: {row.label_zh} / {row.label_en}")
        click.echo(f"  cell      {row.cell_code}")
        click.echo(f"  value     {value} ({row.state_code}; printed: {row.raw_text!r})")
        click.echo(f"  place     {row.locator_text or 'not printed'}")
        if row.locator_text:
            click.echo(f"  reads     {_quote(paths, row.sha256, row.locator_text)}")
        click.echo(f"  report    {row.title_text or ''}")
        click.echo(f"  document  {row.document_id} from {row.origin_text or 'an unknown origin'}")
        click.echo(f"  sha256    {row.sha256}")


def _quote(paths: DataPaths, sha256: str, locator: str) -> str:
    """The printed row or line, from the archived bytes; names are masked as in everything that is shown."""
    from pipeline.archive.sniff import sniff_media_type
    from pipeline.archive.store import BlobDamagedError, BlobMissingError, BlobStore
    from pipeline.documents.quote import quote_place
    from pipeline.documents.read import DocumentRefused, read_document
    from pipeline.facts.masking import mask_personal

    try:
        content = BlobStore(paths.blobs).get(sha256)
        document = read_document(content, sniff_media_type(content))
    except (BlobMissingError, BlobDamagedError) as error:
        return f"({error})"
    except DocumentRefused as refused:
        return f"({refused.issue.message})"
    return mask_personal(quote_place(document, locator)) or "(this place is not found in the document any more)"
