"""Opening a warehouse file while another is put in its place: one of the two, whole, or the file's own error."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from pipeline.warehouse import opening
from pipeline.warehouse.opening import connect_read_only

Connect = Callable[..., duckdb.DuckDBPyConnection]


@pytest.fixture
def published(tmp_path: Path) -> Path:
    return make_file(tmp_path / "touming.duckdb", 1)


def make_file(path: Path, number: int, connect: Connect = duckdb.connect) -> Path:
    with connect(str(path)) as con:
        con.execute(f"CREATE TABLE build AS SELECT {number} AS number")
    return path


def replace_within(monkeypatch: pytest.MonkeyPatch, published: Path, times: int, error: str = "") -> list[int]:
    """Let the file be replaced during each of the first openings, which fail with the error if one is named."""
    openings: list[int] = []
    connect: Connect = duckdb.connect

    def connect_late(*arguments: object, **named: object) -> duckdb.DuckDBPyConnection:
        con = connect(*arguments, **named)
        openings.append(len(openings) + 1)
        if len(openings) <= times:
            os.replace(make_file(published.with_name("arriving"), 1 + len(openings), connect), published)
            if error:
                con.close()
                raise duckdb.InternalException(error)
        return con

    monkeypatch.setattr(opening.duckdb, "connect", connect_late)
    return openings


def read_number(published: Path) -> int:
    with connect_read_only(published) as con:
        ((number,),) = con.execute("SELECT number FROM build").fetchall()
    return int(number)


@pytest.mark.parametrize("error", ["", "Failed to load metadata pointer"], ids=["opened", "failed"])
def test_a_file_that_was_replaced_while_it_was_opened_is_opened_again(monkeypatch, published, error) -> None:
    openings = replace_within(monkeypatch, published, 2, error)
    assert read_number(published) == 3
    assert len(openings) == 3


def test_a_file_that_stays_is_opened_once(monkeypatch, published) -> None:
    openings = replace_within(monkeypatch, published, 0)
    assert read_number(published) == 1
    assert len(openings) == 1


def test_one_that_is_replaced_without_end_is_given_up_loudly(monkeypatch, published) -> None:
    replace_within(monkeypatch, published, 1_000)
    with pytest.raises(duckdb.IOException, match="replaced 20 times while it was being opened"):
        connect_read_only(published)


def test_a_broken_or_missing_file_fails_at_once(published) -> None:
    published.write_bytes(b"not a database" * 1_000)
    with pytest.raises(duckdb.IOException):
        connect_read_only(published)
    published.unlink()
    with pytest.raises(duckdb.IOException):
        connect_read_only(published)
