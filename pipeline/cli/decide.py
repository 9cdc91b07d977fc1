"""`touming decide`: what a person makes of a finding, kept under its fingerprint.

Belongs here: the command, and looking the finding up in the published warehouse. Does not belong here: the file of
decisions (facts/decision_file.py).
"""

from __future__ import annotations

import datetime as dt
import getpass
from pathlib import Path

import click

from pipeline.cli.errors import CommandError, Exit

_FINDING_SQL = """
SELECT any_value(flagged.rule_code), any_value(agency.agency_name), any_value(flagged.report_year),
    any_value(flagged.place_text), any_value(flagged.message_text)
FROM mart.flagged_finding AS flagged
INNER JOIN core.agency AS agency ON flagged.agency_id = agency.agency_id
WHERE flagged.fingerprint = $fingerprint
GROUP BY flagged.fingerprint
"""
_LONGEST_ABOUT = 300


@click.command("decide")
@click.argument("fingerprint")
@click.option("--confirmed", "decision_code", flag_value="confirmed", help="The finding is right.")
@click.option("--dismissed", "decision_code", flag_value="dismissed", help="It is no contradiction, or no doubt.")
@click.option("--reason", required=True, help="Why, in one line. It is published: no names of private persons.")
@click.option(
    "--by", "decided_by", default=None, help="Initials or a desk; stays in the file. Default: the login name."
)
def command(fingerprint: str, decision_code: str | None, reason: str, decided_by: str | None) -> None:
    """Confirm or dismiss the finding FINGERPRINT (column fingerprint of mart.flagged_finding).

    The decision is a line of decisions.csv in the data folder; the next run publishes it. A later decision about the
    same finding replaces an earlier one. Names and contact data that the rules of masking know are covered.
    """
    from pipeline.facts.decision_file import append_decision
    from pipeline.facts.decisions import Decision, DecisionError
    from pipeline.paths import DataPaths

    if decision_code is None:
        raise CommandError(
            Exit.USAGE, "decision_missing", "neither --confirmed nor --dismissed was given", "give one of them"
        )
    paths = DataPaths.from_environment()
    rule_code, about = _find_finding(paths.published, fingerprint.strip())
    decision = Decision(
        fingerprint.strip(),
        rule_code,
        decision_code,
        reason.strip(),
        decided_by or getpass.getuser(),
        dt.datetime.now(dt.UTC).date(),
        about,
    )
    try:
        append_decision(paths.decisions, decision)
    except DecisionError as error:
        raise CommandError(Exit.USAGE, "decision_wrong", str(error), "correct the option and decide again") from error
    except OSError as error:
        raise CommandError(
            Exit.UNEXPECTED, "decisions_unwritable", f"{paths.decisions}: {error}", "make the file writable"
        ) from error
    click.echo(f"{decision_code}  {about}")
    click.echo(f"kept in {paths.decisions}; touming run publishes it", err=True)


def _find_finding(published: Path, fingerprint: str) -> tuple[str, str]:
    """(rule, what was found in one line) of a fingerprint; CommandError when the warehouse has no such finding."""
    from pipeline.warehouse.query import run_query
    from pipeline.warehouse.query_errors import QueryError, WarehouseMissingError

    try:
        rows = run_query(published, _FINDING_SQL, {"fingerprint": fingerprint}).rows
    except WarehouseMissingError as error:
        raise CommandError(Exit.NO_WAREHOUSE, error.code, error.message, error.next_step) from error
    except QueryError as error:
        raise CommandError(Exit.UNEXPECTED, error.code, error.message, error.next_step) from error
    if not rows:
        raise CommandError(
            Exit.USAGE,
            "fingerprint_unknown",
            f"no finding of the published warehouse has the fingerprint {fingerprint!r}",
            'touming query "FROM mart.flagged_finding" lists them; one whose numbers changed has a new fingerprint',
        )
    rule_code, *about = rows[0]
    text = " ".join(str(part) for part in about if part not in (None, ""))
    return str(rule_code), " ".join(text.split())[:_LONGEST_ABOUT]
