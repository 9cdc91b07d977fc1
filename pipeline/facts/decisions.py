"""Decisions of people about findings: the lines of data/decisions.csv as values and as rows.

Belongs here: what a line must be, and every fault of one that is not. Does not belong here: the file itself
(decision_file.py), fingerprints (sql/mart/flagged_finding.sql), and whether a decision still meets a finding
(sql/checks).
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache

from pipeline.contract.dictionary import rule_rows
from pipeline.contract.schema import load_tables
from pipeline.facts.masking import mask_personal

LONGEST_REASON = 500
_FINGERPRINT = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision, its fields in the order of the file's columns. about_text is for readers of the file, may be ''."""

    fingerprint: str
    rule_code: str
    decision_code: str
    reason_text: str
    decided_by: str
    decided_date: dt.date
    about_text: str = ""


COLUMNS = tuple(field.name for field in fields(Decision))


class DecisionError(ValueError):
    """A line is no decision; the message has every fault of it, and what to write instead."""


def parse_decision(values: Sequence[str]) -> Decision:
    """A decision from the values of one line, white space around them dropped; DecisionError names every fault."""
    if len(values) != len(COLUMNS):
        raise DecisionError(f"{len(values)} values, expected {len(COLUMNS)} ({','.join(COLUMNS)}); quote commas")
    named = dict(zip(COLUMNS, (value.strip() for value in values), strict=True))
    decided_date, faults = _parse_date(named["decided_date"]), _find_faults(named)
    if faults or decided_date is None:
        # Values are not quoted: in a line with shifted columns they may be anybody's words
        faults += [] if decided_date else ["decided_date is no day written as 2026-01-31"]
        raise DecisionError("; ".join(faults))
    return Decision(**{**named, "decided_date": decided_date})  # type: ignore[arg-type]


def decision_rows(content: bytes) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """(rows of core.decision, rows of core.decision_problem) from the bytes of the file, both by their keys.

    A wrong line is a problem and nothing else: the others count. The last decision of a fingerprint holds.
    """
    decisions: dict[str, dict[str, object]] = {}
    problems: list[dict[str, object]] = []
    has_header = False
    for number, line in enumerate(content.removeprefix(b"\xef\xbb\xbf").splitlines(), 1):
        if not line.strip() or line.startswith(b"#"):
            continue
        try:
            values = _split_line(line)
            if has_header:
                decision = parse_decision(values)
                decisions[decision.fingerprint] = _decision_row(decision, number)
            elif tuple(values) != COLUMNS:
                raise DecisionError(f"the first line must name the columns {','.join(COLUMNS)}")
        except DecisionError as error:
            problems.append({"line_number": number, "message_text": str(error)})
        has_header = True
    return [decisions[fingerprint] for fingerprint in sorted(decisions)], problems


def _split_line(line: bytes) -> list[str]:
    try:
        return next(csv.reader([line.decode()], strict=True))
    except UnicodeDecodeError:
        raise DecisionError("is not UTF-8; save the file as UTF-8") from None
    except csv.Error as error:
        raise DecisionError(f"is no line of CSV ({error}); a decision is one line, quotes in pairs") from None


def _find_faults(named: dict[str, str]) -> list[str]:
    faults = []
    if not _FINGERPRINT.fullmatch(named["fingerprint"]):
        faults.append("fingerprint is not 16 hex digits; copy it from mart.flagged_finding")
    if named["rule_code"] not in _rule_codes():
        faults.append("rule_code is not in meta.rule")
    decisions = next(c.values for c in load_tables()["core.decision"].columns if c.name == "decision_code")
    if named["decision_code"] not in decisions:
        faults.append(f"decision_code is none of {', '.join(decisions)}")
    if not 0 < len(named["reason_text"]) <= LONGEST_REASON or not named["reason_text"].isprintable():
        faults.append(f"reason_text must be one line of 1 to {LONGEST_REASON} characters: say why")
    if not named["decided_by"]:
        faults.append("decided_by is empty; write initials or a desk")
    return faults


@cache
def _rule_codes() -> frozenset[object]:
    return frozenset(row["rule_code"] for row in rule_rows())


def _parse_date(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _decision_row(decision: Decision, line_number: int) -> dict[str, object]:
    return {
        "fingerprint": decision.fingerprint,
        "rule_code": decision.rule_code,
        "decision_code": decision.decision_code,
        "decision_reason_text": mask_personal(decision.reason_text),
        "decided_date": decision.decided_date,
        "about_text": mask_personal(decision.about_text),
        "line_number": line_number,
    }
