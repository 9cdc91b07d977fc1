"""`touming report`: one document read and shown, with no warehouse.

Belongs here: the command and its exit code. Does not belong here: reading (orchestration/), laying out the
result (report_view.py). Nothing here may import Dagster, Polars or DuckDB: the command starts within a second.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import click

from pipeline.cli.errors import CommandError, Exit
from pipeline.cli.offered_values import offer_files


@click.command("report")
@click.argument("file", metavar="FILE", shell_complete=offer_files)
@click.option("--json", "as_json", is_flag=True, help="One JSON object, the public interface of this command.")
@click.option("--explain", is_flag=True, help="Every number with its label, place and the rules that confirm it.")
@click.pass_context
def command(context: click.Context, file: str, as_json: bool, explain: bool) -> None:
    """Read one document ("-" is stdin) and show what it says.

    Exit code 4 when the document is no report that can be read; the reason is shown.
    """
    if as_json and explain:
        raise click.UsageError("--json and --explain exclude each other")
    content = _read_file(file)

    from pipeline.archive.sniff import sniff_media_type
    from pipeline.facts.whose import collect_evidence, identify_organ
    from pipeline.orchestration.readers import read_apart

    media_type = sniff_media_type(content)
    reading = read_apart(content, media_type)
    report = reading.report
    sha256 = hashlib.sha256(content).hexdigest()
    agency = None
    if report.is_report:
        texts = collect_evidence(report)
        agency = identify_organ(report.agency_name, report.report_year, sha256[:16], texts, origin=file)
    if as_json:
        from pipeline.facts.report_json import report_to_json

        result = report_to_json(report, reading.findings, agency, sha256, media_type, len(content))
        click.echo(json.dumps(result, ensure_ascii=False, indent=2))
    else:
        from pipeline.cli.report_view import show_explanation, show_summary

        show_summary(report, reading.findings, agency, sha256[:16])
        if explain and report.is_report:
            show_explanation(report, reading.findings)
    context.exit(Exit.OK if report.is_report else Exit.UNREAD_DOCUMENTS)


def _read_file(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise CommandError(
            Exit.USAGE,
            "path_unreadable",
            f"{file}: {error.strerror or error}",
            "name one readable file, or - for stdin",
        ) from error
