"""`touming validate`: every check on a warehouse file, with a verdict a line.

Belongs here: the command, its two layouts and its exit code. Does not belong here: running checks (warehouse/).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli.errors import CommandError, Exit
from pipeline.cli.json_output import print_json

if TYPE_CHECKING:
    from pipeline.warehouse.checks import CheckResult
    from pipeline.warehouse.validate import Validation


@click.command("validate")
@click.argument("path", metavar="[FILE]", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warn"]),
    default="error",
    show_default=True,
    help="The mildest check whose violation is a failure.",
)
@click.option(
    "--json", "as_json", is_flag=True, help="One JSON object with every check and a sample of violating rows."
)
def command(path: Path | None, fail_on: str, as_json: bool) -> None:
    """Run all checks on the published warehouse, or on FILE, read-only; exit code 3 when one fails.

    A check of severity error says that our own rows are wrong, one of severity warn that something is worth a look.

    --json, whatever the exit code: file, build_id, schema_version, checks (name, severity, table, verdict (pass, fail,
    broken), violation_count, message, error, sample).
    """
    from pipeline.cli.query import explain_query_error
    from pipeline.paths import DataPaths
    from pipeline.warehouse.query_errors import QueryError
    from pipeline.warehouse.validate import validate_file

    file = path or DataPaths.from_environment().published
    try:
        validation = validate_file(file)
    except QueryError as error:
        raise explain_query_error(error) from error
    if as_json:
        _print_json(file, validation)
    else:
        _print_lines(file, validation)
    severities = ("error", "warn") if fail_on == "warn" else ("error",)
    failed = [result for result in validation.results if not result.passed and result.severity in severities]
    if failed:
        raise CommandError(
            Exit.GATE_FAILED,
            "validation_failed",
            f"{len(failed)} of {len(validation.results)} checks failed: {', '.join(result.name for result in failed)}",
            "sql/checks and docs/operations.md say what each means; mend what makes these rows, then touming run",
        )


def verdict_of(result: CheckResult) -> str:
    """One word: pass, fail (there are violating rows) or broken (the check itself could not run)."""
    if result.passed:
        return "pass"
    return "broken" if result.error else "fail"


def _print_lines(file: Path, validation: Validation) -> None:
    for result in validation.results:
        click.echo(f"{verdict_of(result):<6} {result.severity:<5} {result.name} ({result.table})")
        if not result.passed:
            click.echo(f"       {result.message}; {result.error or f'{result.violation_count} rows'}")
            for row in result.sample[:3]:
                click.echo("       " + ", ".join(f"{name} = {value}" for name, value in row.items()))
    counts = dict.fromkeys(("pass", "fail", "broken"), 0)
    for result in validation.results:
        counts[verdict_of(result)] += 1
    summary = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    click.echo(f"{file}: build {validation.build_id}, schema {validation.schema_version}: {summary}")


def _print_json(file: Path, validation: Validation) -> None:
    from pipeline.cli.values import json_value

    content = {
        "file": str(file),
        "build_id": validation.build_id,
        "schema_version": validation.schema_version,
        "checks": [
            {
                "name": result.name,
                "severity": result.severity,
                "table": result.table,
                "verdict": verdict_of(result),
                "violation_count": result.violation_count,
                "message": result.message,
                "error": result.error or None,
                "sample": [json_value(dict(row)) for row in result.sample],
            }
            for result in validation.results
        ],
    }
    print_json(content)
