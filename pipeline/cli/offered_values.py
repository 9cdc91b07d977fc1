"""Values that a shell offers for arguments and options: names and codes of the published warehouse and the register.

Belongs here: one function for each kind of value. Does not belong here: commands, options and files, which click knows.
Whatever goes wrong (no warehouse, a file that another program holds, a wrong register), there is nothing to offer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from click import Context, Parameter

Offer = Callable[["Context", "Parameter", str], list[CompletionItem]]

_MOST = 60
# A shell waits for it with every press of the key
_SECONDS = 0.4
# A shell puts a name in as it is; one with such a character would be several words, or a command
_UNSAFE = frozenset(" \t\n\\'\"`$&|;<>()[]{}*?!#~")
_AGENCIES = """
SELECT name, '' FROM (SELECT agency_name AS name FROM core.agency UNION SELECT agency_name_text FROM core.agency_name)
WHERE starts_with(name, $typed) ORDER BY name LIMIT $most
"""
_CELLS = """
SELECT cell_code, min(label_zh) FROM meta.form_cell WHERE starts_with(cell_code, $typed)
GROUP BY cell_code ORDER BY cell_code LIMIT $most
"""
_YEARS = """
SELECT DISTINCT report_year::VARCHAR, '' FROM core.report
WHERE starts_with(report_year::VARCHAR, $typed) ORDER BY 1 DESC LIMIT $most
"""
_PROVINCES = """
SELECT division_code, max_by(division_name, holder_number) FROM core.division
WHERE length(division_code) = 6 AND division_code LIKE '%0000' AND starts_with(division_code, $typed)
GROUP BY division_code ORDER BY division_code LIMIT $most
"""
_TABLES = """
SELECT schema_name || '.' || name, '' FROM (
    SELECT schema_name, table_name AS name FROM duckdb_tables() WHERE NOT internal
    UNION SELECT schema_name, view_name FROM duckdb_views() WHERE NOT internal
) WHERE starts_with(schema_name || '.' || name, $typed) ORDER BY 1 LIMIT $most * 3
"""


def _ask(sql: str) -> Offer:
    def offer(context: Context, parameter: Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
        return _offer_safely(lambda: _read_rows(sql, incomplete), incomplete)

    return offer


def offer_sources(context: Context, parameter: Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    """Identifiers of the register of sources, with the organ of each."""
    return _offer_safely(_read_sources, incomplete)


def offer_issues(context: Context, parameter: Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    """Issue codes."""
    from pipeline.issues import IssueCode

    return _offer_safely(lambda: {str(code): "" for code in IssueCode}, incomplete)


def offer_files(context: Context, parameter: Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    """Files and folders, for arguments that may be patterns and so are no paths to click."""
    return [CompletionItem(incomplete, type="file")]


offer_agencies = _ask(_AGENCIES)
offer_cells = _ask(_CELLS)
offer_years = _ask(_YEARS)
offer_provinces = _ask(_PROVINCES)
offer_tables = _ask(_TABLES)


def _offer_safely(read: Callable[[], Mapping[str, str]], incomplete: str) -> list[CompletionItem]:
    """What fits of the values, each with its explanation."""
    try:
        found = read()
    except Exception:
        # Whoever presses a key asks for no error; the command itself says what is wrong
        return []
    return [
        CompletionItem(value, help=about or None)
        for value, about in found.items()
        if value.startswith(incomplete) and not _UNSAFE & set(value)
    ]


def _read_rows(sql: str, incomplete: str) -> dict[str, str]:
    from pipeline.paths import DataPaths
    from pipeline.warehouse.query import run_query

    published = DataPaths.from_environment().published
    found = run_query(published, sql, {"typed": incomplete, "most": _MOST}, seconds=_SECONDS)
    return {str(value): str(about or "") for value, about in found.rows}


def _read_sources() -> dict[str, str]:
    from pipeline.paths import DataPaths
    from pipeline.sources.registry import load_sources

    return {source.source_id: source.organ_name for source in load_sources(DataPaths.from_environment())}
