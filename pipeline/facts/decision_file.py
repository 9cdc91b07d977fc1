"""data/decisions.csv: appending a decision, and the stages that a build reads.

Belongs here: the file and the two Parquet stages made of it. Does not belong here: what a line must be (decisions.py).
"""

from __future__ import annotations

import csv
import io
import os
from dataclasses import astuple
from pathlib import Path

from pipeline.contract.arrays import arrow_schema
from pipeline.contract.frames import make_frame
from pipeline.facts.decisions import COLUMNS, Decision, decision_rows, parse_decision
from pipeline.facts.files import replace_parquet
from pipeline.facts.masking import mask_personal
from pipeline.paths import DataPaths

_HEADER = (
    "# Decisions of people about findings, one a line, the newest last; the last one of a fingerprint holds.\n"
    "# fingerprint: of mart.flagged_finding. decision_code: confirmed or dismissed. decided_by: initials or a desk;\n"
    "# it stays in this file. `touming decide` appends a line, the next run publishes it. Name no private persons.\n"
)
_MASKED = frozenset({"reason_text", "about_text"})


def stage_decisions(paths: DataPaths) -> int:
    """Write the stages of core.decision and core.decision_problem and return how many decisions hold.

    A file that is there and cannot be read is a problem as a wrong line is.
    """
    try:
        decisions, problems = decision_rows(paths.decisions.read_bytes())
    except FileNotFoundError:
        decisions, problems = [], []
    except OSError as error:
        decisions, problems = [], [{"line_number": 0, "message_text": f"the file cannot be read: {error.strerror}"}]
    for table, rows in (("core.decision", decisions), ("core.decision_problem", problems)):
        path = paths.stage.joinpath(*table.split("."), "part.parquet")
        replace_parquet(path, arrow_schema(table), [make_frame(table, rows)])
    return len(decisions)


def make_decision_file(path: Path) -> bool:
    """Write the file with its header and no decision; False where there is one already, which is left alone."""
    try:
        with path.open("x", encoding="utf-8") as stream:
            stream.write(f"{_HEADER}{','.join(COLUMNS)}\n")
    except FileExistsError:
        return False
    return True


def append_decision(path: Path, decision: Decision) -> None:
    """Add one line to the file, made with its header where there is none; its reason is masked before it is written.

    DecisionError when the decision is not well formed. One write: two people deciding at once lose nothing.
    """
    values = [str(value) for value in astuple(decision)]
    parse_decision(values)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    content = path.read_bytes() if path.exists() else b""
    if not content.strip():
        text.write(_HEADER)
        writer.writerow(COLUMNS)
    elif not content.endswith(b"\n"):
        text.write("\n")
    writer.writerow([mask_personal(v) if name in _MASKED else v for name, v in zip(COLUMNS, values, strict=True)])
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab", buffering=0) as stream:
        stream.write(text.getvalue().encode())
        os.fsync(stream.fileno())
