"""One report with everything that is known of it: cells and places, claims, text, findings, versions, and its source.

Belongs here: putting the script of a report together, for the folder or for whoever asks the server. Does not belong
here: reading the archived bytes, which whoever calls passes in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline.progress import tell_progress
from pipeline.site.answers import Answer, Warehouse
from pipeline.site.scripts import format_script, to_table, write_script

# sha256 -> the blocks of the archived document as {"place", "text"} or {"rows": [[{"place", "text", …}]]}, names
# masked; a document that cannot be read has one {"problem": …}
SourceReader = Callable[[str], Sequence[Mapping[str, Any]]]

_PARTS = ("cell", "claim", "section", "finding", "verdict", "issue", "version", "revision")
# Reports asked for at once: enough to scan the tables rarely, few enough to hold
_BATCH = 500


def list_reports(warehouse: Warehouse) -> list[str]:
    """Every report's identifier, all versions."""
    return [str(row[0]) for row in warehouse.ask("report_id").rows]


def write_reports(warehouse: Warehouse, folder: Path, reports: Sequence[str], read_source: SourceReader) -> int:
    """Write data/report/<identifier>.js of each; their bytes together."""
    size = 0
    done = 0
    for start in range(0, len(reports), _BATCH):
        for report, value in _put_together(warehouse, reports[start : start + _BATCH], read_source):
            size += write_script(folder, _key(report), value)
            done += 1
            tell_progress("writing reports", done, len(reports))
    return size


def format_report(warehouse: Warehouse, report: str, read_source: SourceReader) -> str | None:
    """The same script as a text; None where the warehouse has no such report."""
    for identifier, value in _put_together(warehouse, [report], read_source):
        return format_script(_key(identifier), value)
    return None


def _key(report: str) -> str:
    return f"report/{report}"


def _put_together(
    warehouse: Warehouse, reports: Sequence[str], read_source: SourceReader
) -> Iterator[tuple[str, dict[str, Any]]]:
    about = warehouse.ask("report", reports=list(reports))
    parts = {name: warehouse.ask(f"report_{name}", reports=list(reports)) for name in _PARTS}
    split = {name: _by_report(answer) for name, answer in parts.items()}
    for record in about.records():
        report = str(record["report_id"])
        tables = {name: to_table(answer.columns[1:], split[name][report]) for name, answer in parts.items()}
        yield report, {"about": record, **tables, "source": read_source(str(record["sha256"]))}


def _by_report(answer: Answer) -> Mapping[str, list[Sequence[object]]]:
    rows: dict[str, list[Sequence[object]]] = defaultdict(list)
    for row in answer.rows:
        rows[str(row[0])].append(row[1:])
    return rows
