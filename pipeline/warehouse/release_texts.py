"""The texts of a release: package description, README, changes, citation and licence, as strings.

Belongs here: filling contract/release.yml and rendering the contract as a Data Package. Does not belong here:
reading or writing any file.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from string import Template
from typing import Any

from pipeline.contract.load import CONTRACT_ROOT, load_yaml
from pipeline.contract.schema import Field, TableSchema, load_tables
from pipeline.warehouse.release_changes import REVISED_FIGURES, ReleaseChanges, RevisedFigure, TableChange
from pipeline.warehouse.release_tables import CSV_ROW_LIMIT, ReleasedTable
from pipeline.warehouse.release_verify import BUILD_ID

_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
_PACKAGE_TYPES = {
    "text": "string",
    "int": "integer",
    "bigint": "integer",
    "decimal": "number",
    "double": "number",
    "date": "date",
    "timestamp": "datetime",
    "boolean": "boolean",
    "text_list": "array",
}


@dataclass(frozen=True, slots=True)
class ReleaseFacts:
    """What the texts say of a release. previous is the data version compared with, None for the first release.

    hashes and sizes are those of the data files, by path.
    """

    version: str
    released_on: dt.date
    build_id: str
    schema_version: str
    tables: tuple[ReleasedTable, ...]
    hashes: Mapping[str, str]
    sizes: Mapping[str, int]
    previous: str | None = None
    changes: ReleaseChanges | None = None


def render_texts(facts: ReleaseFacts) -> dict[str, str]:
    """The text files of a release beside datapackage.json, by name."""
    return {
        "README.md": _fill(
            "readme", facts, tables=_list_tables(facts.tables), without_csv=_list_without_csv(facts.tables)
        ),
        "LICENSE.md": _fill("license", facts),
        "CITATION.cff": _fill("citation", facts),
        "CHANGES.md": _fill("changes", facts, **_describe_changes(facts)),
    }


def render_package(facts: ReleaseFacts) -> str:
    """datapackage.json (Data Package 2): a resource for every Parquet and every CSV file, described by the contract."""
    texts = _texts()
    resources = []
    for table in facts.tables:
        resources.append(_resource(facts, table, table.parquet))
        if table.csv:
            resources.append(_resource(facts, table, table.csv))
    package = {
        "$schema": _PROFILE,
        "name": "touming",
        "title": texts["title"]["en"],
        "description": f"{texts['description']['zh']} / {texts['description']['en']}",
        "version": facts.version,
        BUILD_ID: facts.build_id,
        "touming:schema_version": facts.schema_version,
        "licenses": [{"path": "LICENSE.md", "title": "Facts as published; code and descriptions Apache-2.0"}],
        "resources": resources,
    }
    return json.dumps(package, ensure_ascii=False, indent=2) + "\n"


def _resource(facts: ReleaseFacts, table: ReleasedTable, path: str) -> dict[str, Any]:
    schema = table.schema
    is_csv = path == table.csv
    format_of = (
        {"format": "csv", "mediatype": "text/csv", "encoding": "utf-8", "compression": "zip"}
        if is_csv
        else {"format": "parquet", "mediatype": "application/vnd.apache.parquet"}
    )
    return {
        "name": f"{schema.name}.csv" if is_csv else schema.name,
        "path": path,
        **format_of,
        "title": schema.grain_zh,
        "description": f"{schema.grain_zh} / {schema.grain_en}",
        "bytes": facts.sizes[path],
        "hash": f"sha256:{facts.hashes[path]}",
        "touming:row_count": table.row_count,
        "schema": _table_schema(schema, ".csv" if is_csv else ""),
    }


def _table_schema(schema: TableSchema, suffix: str) -> dict[str, Any]:
    missing = _texts()["missing"]
    described: dict[str, Any] = {
        "fields": [_field(column) for column in schema.columns],
        "primaryKey": list(schema.key),
        "missingValues": [{"value": "", "label": f"{missing['zh']} / {missing['en']}"}],
    }
    # A reference to a part of a key leads to one of several rows, which a foreign key of a package must not
    keys = [
        {"fields": [column], "reference": {"resource": f"{target}{suffix}", "fields": [target_column]}}
        for column, (target, target_column) in schema.references.items()
        if load_tables()[target].key == (target_column,)
    ]
    return described | ({"foreignKeys": keys} if keys else {})


def _field(column: Field) -> dict[str, Any]:
    field: dict[str, Any] = {
        "name": column.name,
        "type": _PACKAGE_TYPES[column.type],
        "title": column.zh,
        "description": f"{column.zh} / {column.en}",
    }
    if column.unit:
        field["unit"] = column.unit
    constraints: dict[str, Any] = {"required": True} if not column.nullable else {}
    if column.values:
        constraints["enum"] = list(column.values)
    return field | ({"constraints": constraints} if constraints else {})


def _list_tables(tables: Iterable[ReleasedTable]) -> str:
    return _render_rows(
        (f"`{t.schema.name}`", f"{t.row_count:,}", t.schema.grain_en, t.schema.grain_zh, ", ".join(t.schema.key))
        for t in tables
    )


def _list_without_csv(tables: Iterable[ReleasedTable]) -> str:
    named = ", ".join(f"`{table.schema.name}`" for table in tables if table.csv is None)
    if not named:
        return "Every table is there in both forms."
    return f"Tables of more than {CSV_ROW_LIMIT:,} rows are there as Parquet only, not as CSV: {named}."


def _describe_changes(facts: ReleaseFacts) -> dict[str, str]:
    if facts.changes is None:
        new = [(f"`{t.schema.name}`", "", f"{t.row_count:,}", "", "", "", "") for t in facts.tables]
        against = "The first release, or the first that was not compared with one before: every row is new."
        return {"against": against, "tables": _render_rows(new), "revised": "There is no release to compare with."}
    against = f"Compared with release {facts.previous}. Content: `{facts.build_id}`, schema {facts.schema_version}."
    rows = [_describe_table(change) for change in facts.changes.tables]
    return {"against": against, "tables": _render_rows(rows), "revised": _describe_revised(facts.changes)}


def _describe_table(change: TableChange) -> tuple[str, ...]:
    name = f"`{change.table_name}`"
    before = "" if change.rows_before is None else f"{change.rows_before:,}"
    after = "" if change.rows_after is None else f"{change.rows_after:,}"
    counts = (change.added_count, change.changed_count, change.removed_count)
    shown = tuple(f"{count:,}" for count in counts) if change.is_compared else ("", "", "")
    if change.rows_after is None:
        note, shown = "the table is gone", ("", "", "")
    elif change.rows_before is None:
        note = "a new table: take whole"
    elif change.changed_columns:
        note = f"columns changed ({', '.join(change.changed_columns)}): take whole"
    else:
        note = f"`{change.delta}`" if change.delta else "same rows"
    return (name, before, after, *shown, note)


def _describe_revised(changes: ReleaseChanges) -> str:
    if changes.revised_count is None:
        return "The columns of the release before are too different; figures were not compared."
    if not changes.revised_count:
        return "No figure that was published before is another one now."
    header = ("agency", "year", "cell", "before", "now")
    lines = [
        f"{changes.revised_count:,} cells of reports that the release before has too say something else now. All of "
        f"them, with printed text and documents, are in `{REVISED_FIGURES}`: `cause_code` is `document` where another "
        "document is the latest version now, and `reading` where the same document is read otherwise.",
        "",
        _render_rows([header]),
        "|---|---|---|---|---|",
        _render_rows(_describe_figure(figure) for figure in changes.revised),
    ]
    left = changes.revised_count - len(changes.revised)
    return "\n".join([*lines, *(["", f"… and {left:,} more."] if left else [])])


def _describe_figure(figure: RevisedFigure) -> tuple[str, ...]:
    before = figure.previous_value or f"({figure.previous_state_code})"
    now = figure.value or f"({figure.state_code})"
    return figure.agency_name, str(figure.report_year), f"`{figure.cell_code}`", before, now


def _render_rows(rows: Iterable[Sequence[str]]) -> str:
    return "\n".join("| " + " | ".join(_flat(cell) for cell in row) + " |" for row in rows)


def _flat(cell: str) -> str:
    return " ".join(cell.replace("|", "\\|").split())


def _fill(name: str, facts: ReleaseFacts, **more: str) -> str:
    texts = _texts()
    filled = {
        **{f"{key}_{language}": text for key in ("title", "description") for language, text in texts[key].items()},
        "version": facts.version,
        "released_on": facts.released_on.isoformat(),
        "build_id": facts.build_id,
        "schema_version": facts.schema_version,
        **more,
    }
    return Template(texts[name]).substitute(filled)


@cache
def _texts() -> Mapping[str, Any]:
    texts: Mapping[str, Any] = load_yaml(CONTRACT_ROOT / "release.yml")
    return texts
