"""When reports are due, as rows of meta.deadline_rule.

Belongs here: reading vocab/deadlines.csv. Does not belong here: who owes a report and whether it came
(sql/core/obligation.sql).
"""

from __future__ import annotations

import csv

from pipeline.contract.load import CONTRACT_ROOT

DEADLINES_FILE = CONTRACT_ROOT / "vocab" / "deadlines.csv"


def deadline_rows() -> list[dict[str, object]]:
    """Rows of meta.deadline_rule, in the order of the file."""
    with DEADLINES_FILE.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(line for line in stream if not line.startswith("#")))
    return [
        {
            "deadline_rule_code": row["rule_code"],
            "organ_kind_code": row["organ_kind_code"],
            "region_code": row["region_code"] or None,
            "first_report_year": int(row["first_report_year"]),
            "last_report_year": int(row["last_report_year"]) if row["last_report_year"] else None,
            "due_month": int(row["due_month"]),
            "due_day": int(row["due_day"]),
            "deadline_basis_code": row["basis_code"],
            "basis_text": row["source_text"] or None,
        }
        for row in rows
    ]
