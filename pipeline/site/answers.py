"""Questions of the site to the published warehouse: the files of sql/site, each asked by its name.

Belongs here: asking one, whole or row by row. Does not belong here: what is made of the answer (one module per kind of
page).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline.paths import SQL_ROOT
from pipeline.warehouse.query import open_answer
from pipeline.warehouse.sql_files import read_sql_file

SITE_SQL = SQL_ROOT / "site"
# A nation's years of reports, on a busy machine
_SECONDS = 3600.0
_BATCH_ROWS = 20_000

Row = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows of one question, with the names of their columns."""

    columns: tuple[str, ...]
    rows: list[Row]

    def records(self) -> Iterator[dict[str, object]]:
        """Row by row, by name."""
        for row in self.rows:
            yield dict(zip(self.columns, row, strict=True))


@dataclass(frozen=True, slots=True)
class Warehouse:
    """The published file, to be asked; QueryError where it is missing or cannot answer."""

    published: Path

    def ask(self, question: str, **params: object) -> Answer:
        """Every row of sql/site/<question>.sql."""
        with self.stream(question, **params) as (columns, rows):
            return Answer(columns, list(rows))

    @contextmanager
    def stream(self, question: str, **params: object) -> Iterator[tuple[tuple[str, ...], Iterator[Row]]]:
        """The same with its rows fetched as they are needed."""
        with self.stream_sql(read_sql_file(SITE_SQL / f"{question}.sql").sql, **params) as answer:
            yield answer

    @contextmanager
    def stream_sql(self, sql: str, **params: object) -> Iterator[tuple[tuple[str, ...], Iterator[Row]]]:
        """Rows of a SELECT that is not in a file, fetched as they are needed."""
        with open_answer(self.published, sql, params, _SECONDS) as answer:
            yield answer.columns, _fetch_all(answer.fetch)


def _fetch_all(fetch: Callable[[int], list[Row]]) -> Iterator[Row]:
    while rows := fetch(_BATCH_ROWS):
        yield from rows
