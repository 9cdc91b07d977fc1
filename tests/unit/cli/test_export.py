from __future__ import annotations

import csv
import datetime as dt
import zipfile
from decimal import Decimal
from xml.etree import ElementTree

import duckdb
import polars as pl
import pyarrow.parquet as pq
import pytest

from pipeline.cli import export_files
from pipeline.cli.export_files import csv_text, fits_sheet_number

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture
def warehouse(data):
    data.published.parent.mkdir(parents=True)
    with duckdb.connect(str(data.published)) as con:
        con.execute("CREATE SCHEMA mart; CREATE SCHEMA meta")
        con.execute("CREATE TABLE meta.build AS SELECT 'abc' AS build_id, '1.0.0' AS schema_version")
        con.execute(
            "CREATE TABLE mart.sample AS SELECT * FROM (VALUES "
            "('410308', '=1+1', 0::BIGINT, 0.1::DECIMAL(24,8), DATE '2024-01-31', true), "
            "('1e5', '甲', NULL, -12::DECIMAL(24,8), NULL, NULL)) AS t(code, name, request_count, fee, day, is_late)"
        )
        con.execute("COMMENT ON COLUMN mart.sample.request_count IS '件数 / number of requests [件]'")
        con.execute("CREATE TABLE mart.other AS SELECT range AS n FROM range(3)")
    return data


def read_sheet(path, number: int) -> list[dict[str, tuple[str, str]]]:
    """{cell: (type, text)} of each row of one sheet; rows without cells are left out."""
    with zipfile.ZipFile(path) as book:
        root = ElementTree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))
    return [
        {
            cell.get("r"): (cell.get("t", "n"), "".join(cell.itertext()), cell.get("s", "0"))
            for cell in row.iter(f"{MAIN}c")
        }
        for row in root.iter(f"{MAIN}row")
    ]


def test_csv_opens_in_excel_and_runs_nothing(run, warehouse, tmp_path):
    out = tmp_path / "sample.csv"
    result = run("export", "mart.sample", "-o", str(out))
    assert (result.exit_code, result.stdout) == (0, "")
    assert out.read_bytes().startswith(b"\xef\xbb\xbfcode,")
    with out.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    assert rows[1:] == [
        ["410308", "'=1+1", "0", "0.1", "2024-01-31", "True"],
        ["1e5", "甲", "", "-12", "", ""],
    ]


@pytest.mark.parametrize("text", ["=A1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", '=HYPERLINK("x")'])
def test_text_that_looks_like_a_formula_is_none(text):
    assert csv_text(text) == "'" + text


@pytest.mark.parametrize(("value", "text"), [(-1, "-1"), (Decimal("-0.5"), "-0.5"), ("a=b", "a=b"), (None, "")])
def test_numbers_and_other_text_stay_as_they_are(value, text):
    assert csv_text(value) == text


def test_a_workbook_keeps_text_text_and_numbers_numbers(run, warehouse, tmp_path):
    out = tmp_path / "book.xlsx"
    assert run("export", "mart.sample", "mart.other", "-o", str(out)).exit_code == 0
    header, first, second = read_sheet(out, 1)
    assert [cell[1] for cell in header.values()] == ["code", "name", "request_count", "fee", "day", "is_late"]
    assert first["A2"][:2] == ("inlineStr", "410308")
    # The characters stay, the cell is marked as text
    assert first["B2"][:2] == ("inlineStr", "=1+1")
    assert first["B2"][2] != first["A2"][2]
    assert (first["C2"][:2], first["D2"][:2]) == (("n", "0"), ("n", "0.1"))
    assert first["E2"][:2] == ("n", str((dt.date(2024, 1, 31) - dt.date(1899, 12, 30)).days))
    assert first["F2"][:2] == ("b", "1")
    assert second["A3"][:2] == ("inlineStr", "1e5")
    assert not {"C3", "E3", "F3"} & set(second)
    assert [row[f"A{number}"][1] for number, row in enumerate(read_sheet(out, 2), 1)] == ["n", "0", "1", "2"]


def test_a_workbook_says_what_its_columns_mean_and_which_build_it_is(run, warehouse, tmp_path):
    out = tmp_path / "book.xlsx"
    run("export", "mart.sample", "SELECT request_count, 1 AS x FROM mart.sample", "-o", str(out))
    lines = [[cell[1] for cell in row.values()] for row in read_sheet(out, 3)]
    assert ["build_id", "abc"] in lines
    meaning = "件数 / number of requests [件]"
    assert ["mart_sample", "request_count", "BIGINT", meaning] in lines
    assert ["answer_2", "request_count", "BIGINT", meaning] in lines
    assert ["answer_2", "x", "INTEGER", ""] in lines


def test_a_sheet_that_is_full_is_an_error_and_leaves_no_file(run, warehouse, tmp_path, monkeypatch):
    monkeypatch.setattr(export_files, "SHEET_ROWS", 2)
    result = run("export", "mart.other", "-o", str(tmp_path / "book.xlsx"))
    assert result.exit_code == 2
    assert "error [too_many_rows]" in result.stderr
    assert [path.name for path in tmp_path.iterdir() if path.name != "data"] == []


def test_long_text_is_cut_and_the_cut_is_said(run, warehouse, tmp_path):
    out = tmp_path / "book.xlsx"
    run("export", "SELECT repeat('甲', 40000) AS long", "-o", str(out))
    assert len(read_sheet(out, 1)[1]["A2"][1]) == 32_767
    assert ["answer_1: cells cut after 32767 characters", "1"] in [
        [cell[1] for cell in row.values()] for row in read_sheet(out, 2)
    ]


@pytest.mark.parametrize(
    ("value", "fits"),
    [
        (123_456_789_012_345, True),
        (1_234_567_890_123_456, False),
        (Decimal("0.1"), True),
        (10**20, True),
        (0.1, True),
        (Decimal("1234567890.1234567"), False),
        (float("nan"), False),
        (float("inf"), False),
    ],
)
def test_a_number_that_a_sheet_would_round_is_text(value, fits):
    assert fits_sheet_number(value) == fits


def test_parquet_has_types_descriptions_and_the_build(run, warehouse, tmp_path):
    out = tmp_path / "sample.parquet"
    assert run("export", "FROM mart.sample ORDER BY fee", "-o", str(out)).exit_code == 0
    frame = pl.read_parquet(out)
    assert frame["request_count"].to_list() == [None, 0]
    assert frame["fee"].to_list() == [Decimal(-12), Decimal("0.1")]
    schema = pq.read_schema(out)
    assert schema.metadata[b"build_id"] == b"abc"
    assert schema.field("request_count").metadata[b"description"].decode() == "件数 / number of requests [件]"
    assert pq.ParquetFile(out).metadata.row_group(0).column(0).compression == "ZSTD"


def test_several_tables_become_files_of_a_folder(run, warehouse, tmp_path):
    out = tmp_path / "folder"
    assert run("export", "mart.sample", "mart.other", "--format", "csv", "-o", str(out)).exit_code == 0
    assert sorted(path.name for path in out.iterdir()) == ["mart.other.csv", "mart.sample.csv"]


def test_a_question_can_come_from_a_file(run, warehouse, tmp_path):
    question = tmp_path / "how_many.sql"
    question.write_text("-- zh: 多少？\nSELECT count(*) AS n FROM mart.other", encoding="utf-8")
    out = tmp_path / "out.csv"
    assert run("export", "-f", str(question), "-o", str(out)).exit_code == 0
    assert out.read_text(encoding="utf-8-sig") == "n\n3\n"


def test_many_batches_are_all_written(run, warehouse, tmp_path):
    out = tmp_path / "n.csv"
    assert run("export", "SELECT range AS n FROM range(50000)", "-o", str(out)).exit_code == 0
    lines = out.read_text(encoding="utf-8-sig").splitlines()
    assert (len(lines), lines[-1]) == (50_001, "49999")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["-o", "x.csv"], 2),
        (["mart.sample", "-o", "x.docx"], 2),
        (["mart.none", "-o", "x.csv"], 2),
        (["DROP TABLE mart.sample", "-o", "x.csv"], 2),
        (["SELECT * FROM read_text('/etc/hostname')", "-o", "x.csv"], 2),
        (["mart.sample", "-o", "none/x.csv"], 2),
    ],
)
def test_wrong_usage_writes_nothing(run, warehouse, tmp_path, monkeypatch, arguments, code):
    monkeypatch.chdir(tmp_path)
    result = run("export", *arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    assert [path.name for path in tmp_path.iterdir() if path.name != "data"] == []


def test_without_a_warehouse_it_is_five(run, tmp_path):
    assert run("export", "mart.sample", "-o", str(tmp_path / "x.csv")).exit_code == 5
