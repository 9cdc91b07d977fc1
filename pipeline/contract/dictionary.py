"""The contract as pages and rows: docs/data_dictionary.md, docs/errors.md and the content of meta.dictionary.

Belongs here: rendering what the contract says for a reader. Does not belong here: any statement of its own; titles and
introductions are data in pages.yml. `python -m pipeline.contract.dictionary` writes both pages.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import cast

from pipeline.contract.claims import load_claim_facts
from pipeline.contract.command_errors import load_command_errors
from pipeline.contract.cross_rules import load_cross_rules
from pipeline.contract.ddl import SQL_TYPES, describe
from pipeline.contract.editions import Edition, FormCell, FormRow, load_editions
from pipeline.contract.identities import Rule, rules_of
from pipeline.contract.issue_catalogue import load_issue_catalogue
from pipeline.contract.load import CONTRACT_ROOT, load_yaml
from pipeline.contract.macros import MacroSchema, load_macros
from pipeline.contract.marts import MartSchema, load_marts
from pipeline.contract.metrics import Metric, load_metrics
from pipeline.contract.schema import TableSchema, load_tables
from pipeline.contract.views import load_views
from pipeline.paths import REPO_ROOT

DICTIONARY_PAGE = REPO_ROOT / "docs" / "data_dictionary.md"
ERRORS_PAGE = REPO_ROOT / "docs" / "errors.md"


def dictionary_rows() -> list[dict[str, object]]:
    """Rows of meta.dictionary: one per column of every contract table and mart, sorted by nothing but the contract."""
    schemas: list[TableSchema | MartSchema] = [*load_tables().values(), *load_marts().values()]
    return [
        {
            "table_name": schema.name,
            "column_name": column.name,
            "data_type": SQL_TYPES[column.type],
            "unit": column.unit or None,
            "description_zh": column.zh,
            "description_en": column.en,
        }
        for schema in schemas
        for column in schema.columns
    ]


def form_cell_rows() -> list[dict[str, object]]:
    """Rows of meta.form_cell: one per edition and cell, optional rows included, sort_order from 1 in printed order."""
    return [
        {
            "edition_code": edition.code,
            "cell_code": cell.code,
            "label_zh": cell.label_zh,
            "label_en": cell.label_en,
            "unit": cell.unit,
            "basis_text": cell.basis or None,
            "sort_order": order,
        }
        for edition in load_editions()
        for order, (_, cell) in enumerate(_all_cells(edition), start=1)
    ]


def rule_rows() -> list[dict[str, object]]:
    """Rows of meta.rule: one per rule, by its code, with the places of all its editions, each said once.

    A rule that has one part within a report and one across reports has both formulas and both lists of places.
    """
    rows = _report_rule_rows()
    for rule in load_cross_rules():
        within = rows.get(rule.code, {})
        rows[rule.code] = {
            "rule_code": rule.code,
            "severity_code": within.get("severity_code", rule.severity),
            "rule_kind_code": within.get("rule_kind_code", "across_reports"),
            "edition_code_list": within.get("edition_code_list", list(rule.editions)),
            "formula_zh": f"{within['formula_zh']}；{rule.zh}" if within else rule.zh,
            "formula_en": f"{within['formula_en']}; {rule.en}" if within else rule.en,
            "place_list": list(dict.fromkeys([*cast(list[str], within.get("place_list", [])), *rule.places])),
        }
    return [rows[code] for code in sorted(rows)]


def _report_rule_rows() -> dict[str, dict[str, object]]:
    rules: dict[str, Rule] = {}
    editions: dict[str, list[str]] = {}
    places: dict[str, dict[str, None]] = {}
    for edition in load_editions():
        for rule in rules_of(edition.code):
            rules.setdefault(rule.code, rule)
            editions.setdefault(rule.code, []).append(edition.code)
            places.setdefault(rule.code, {}).update(dict.fromkeys(place.name for place in rule.places))
    return {
        code: {
            "rule_code": code,
            "severity_code": rule.severity,
            "rule_kind_code": rule.kind,
            "edition_code_list": editions[code],
            "formula_zh": rule.zh,
            "formula_en": rule.en,
            "place_list": list(places[code]),
        }
        for code, rule in rules.items()
    }


def render_dictionary() -> str:
    """The whole text of docs/data_dictionary.md."""
    texts = _page_texts("dictionary")
    lines = [f"# {texts['title']}", texts["intro"], f"## {texts['tables']}"]
    for table in load_tables().values():
        lines += _render_table(table)
    lines.append(f"## {texts['marts']}")
    for mart in load_marts().values():
        lines += _render_mart(mart)
    lines += _render_metrics(texts)
    lines += [f"## {texts['macros']}", texts["macros_intro"]]
    for macro in load_macros().values():
        lines += _render_macro(macro, texts)
    lines += [f"## {texts['views']}", texts["views_intro"]]
    lines.append(_grid(("view", "table"), [(f"`{view.name}`", f"`{view.table}`") for view in load_views().values()]))
    for edition in load_editions():
        if edition.tables:
            lines += _render_edition(edition, texts)
    facts = [(f"`{f.code}`", ", ".join(f.units), f.zh, f.en) for f in load_claim_facts().values()]
    lines += [f"## {texts['claims']}", texts["claims_intro"], _grid(("fact", "units", "zh", "en"), facts)]
    lines += [f"## {texts['issues']}", f"{texts['issues_intro']} [errors.md](errors.md)."]
    lines.append(_grid(("code", "severity", "zh", "en"), _issue_lines()))
    return "\n\n".join(lines) + "\n"


def render_errors() -> str:
    """The whole text of docs/errors.md."""
    texts = _page_texts("errors")
    lines = [f"# {texts['title']}", texts["intro"]]
    for entry in load_issue_catalogue().values():
        lines += [
            f"## `{entry.code}`",
            f"{entry.zh} / {entry.en}",
            f"- {texts['severity']}: {entry.severity}\n- {texts['next_step']}: {entry.next_step}",
        ]
    lines += [f"# {texts['commands']}", texts["commands_intro"]]
    for error in load_command_errors().values():
        lines += [f"## `{error.code}`", f"{error.zh} / {error.en}", f"- {texts['next_step']}: {error.next_step}"]
    return "\n\n".join(lines) + "\n"


def write_pages() -> tuple[Path, ...]:
    """Write both pages and return their paths."""
    for path, text in ((DICTIONARY_PAGE, render_dictionary()), (ERRORS_PAGE, render_errors())):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    return DICTIONARY_PAGE, ERRORS_PAGE


def _render_table(table: TableSchema) -> Iterator[str]:
    yield f"### `{table.name}`"
    yield f"{table.grain_zh} / {table.grain_en}"
    yield _key_line(table.key)
    rows = []
    for column in table.columns:
        target = table.references.get(column.name)
        notes = [f"→ `{target[0]}.{target[1]}`"] if target else []
        notes += [", ".join(f"`{value}`" for value in column.values)] if column.values else []
        null = "NULL" if column.nullable else ""
        data_type = SQL_TYPES[column.type]
        rows.append((f"`{column.name}`", data_type, null, column.unit, column.zh, column.en, "; ".join(notes)))
    yield _grid(("column", "type", "null", "unit", "zh", "en", "values, reference"), rows)


def _render_mart(mart: MartSchema) -> Iterator[str]:
    yield f"### `{mart.name}`"
    yield f"{mart.grain_zh} / {mart.grain_en}"
    yield _key_line(mart.key)
    rows = [(f"`{c.name}`", SQL_TYPES[c.type], c.unit, c.zh, c.en) for c in mart.columns]
    yield _grid(("column", "type", "unit", "zh", "en"), rows)


def _render_metrics(texts: Mapping[str, str]) -> Iterator[str]:
    yield f"## {texts['metrics']}"
    yield texts["metrics_intro"]
    yield _grid(("metric", "zh", "en", "column", "formula", "editions"), map(_metric_line, load_metrics()))


def _metric_line(metric: Metric) -> tuple[str, ...]:
    notes = [f"{metric.note_zh} / {metric.note_en}"] if metric.note_zh else []
    basis = [metric.basis] if metric.basis else []
    columns = [f"`{held.table}.{held.column.name}`" for held in metric.columns]
    formulas = dict.fromkeys(held.column.formula for held in metric.columns if held.column.formula)
    editions = dict.fromkeys(
        f"{edition}: {how}" for held in metric.columns for edition, how in held.comparability.items()
    )
    return (
        metric.code,
        "; ".join([metric.zh, *basis]),
        "; ".join([metric.en, *notes]),
        "<br>".join(columns),
        "<br>".join(formulas),
        "<br>".join(editions),
    )


def _render_macro(macro: MacroSchema, texts: Mapping[str, str]) -> Iterator[str]:
    yield f"### `{macro.signature}`"
    yield describe(macro.zh, macro.en)
    yield _grid(("parameter", "zh", "en"), [(f"`{p.name}`", p.zh, p.en) for p in macro.parameters])
    if macro.like:
        yield f"{texts['columns_like']} `{macro.like}`" + (texts["and_these"] if macro.own_columns else "")
    if macro.own_columns:
        rows = [(f"`{c.name}`", SQL_TYPES[c.type], c.unit, c.zh, c.en) for c in macro.own_columns]
        yield _grid(("column", "type", "unit", "zh", "en"), rows)


def _render_edition(edition: Edition, texts: Mapping[str, str]) -> Iterator[str]:
    yield f"## {texts['form']}: {edition.code}"
    yield f"{edition.basis}. {texts['form_intro']}"
    cells = [
        (f"`{cell.code}`", cell.label_zh, cell.label_en, cell.unit, cell.basis, "optional" if row.is_optional else "")
        for row, cell in _all_cells(edition)
    ]
    yield _grid(("code", "zh", "en", "unit", "basis", "note"), cells)
    yield f"## {texts['rules']}: {edition.code}"
    yield texts["rules_intro"]
    rows = []
    for rule in rules_of(edition.code):
        names = ", ".join(f"`{place.name}`" for place in rule.places)
        where = f"{texts['in_each']}: {names}" if names else texts["whole_report"]
        rows.append((rule.code, rule.severity, rule.zh, rule.en, where))
    yield _grid(("rule", "severity", "zh", "en", "where"), rows)


def _all_cells(edition: Edition) -> Iterator[tuple[FormRow, FormCell]]:
    for table in edition.tables:
        for row in table.rows:
            for cell in table.row_cells(row):
                yield row, cell


def _issue_lines() -> Iterator[tuple[str, ...]]:
    for entry in load_issue_catalogue().values():
        yield (f"[`{entry.code}`](errors.md#{entry.code})", entry.severity, entry.zh, entry.en)


def _key_line(key: Sequence[str]) -> str:
    return "Key: " + ", ".join(f"`{column}`" for column in key)


def _grid(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *([text.replace("|", "\\|") for text in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _page_texts(page: str) -> Mapping[str, str]:
    texts: Mapping[str, str] = load_yaml(CONTRACT_ROOT / "pages.yml")[page]
    return texts


if __name__ == "__main__":
    for written in write_pages():
        sys.stdout.write(f"{written}\n")
