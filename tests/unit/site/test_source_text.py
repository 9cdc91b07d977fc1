"""Source text as pages show it: every piece in its place, names covered wherever they stand."""

from __future__ import annotations

from pipeline.documents.model import Cell, Document, Grid, Locator, Text
from pipeline.orchestration.source_text import SourceTexts, mask_blocks
from pipeline.paths import DataPaths


def line(number: int, text: str) -> Text:
    return Text(text, Locator(line=number))


def table(*rows: tuple[str, ...]) -> Grid:
    cells = tuple(
        Cell(text, r, c, Locator(table=1, row=r + 1, column=c + 1))
        for r, row in enumerate(rows)
        for c, text in enumerate(row)
    )
    return Grid(cells, len(rows), max(map(len, rows)))


def test_places_and_texts_stay_as_they_are():
    document = Document((line(1, "一、总体情况"), table(("规章", "0"), ("行政许可", "5,069"))), "test", "1")
    first, second = mask_blocks(document)
    assert (first["place"], first["text"]) == ("L1", "一、总体情况")
    assert [[(cell["place"], cell["text"]) for cell in row] for row in second["rows"]] == [
        [("T1 R1 C1", "规章"), ("T1 R1 C2", "0")],
        [("T1 R2 C1", "行政许可"), ("T1 R2 C2", "5,069")],
    ]


def test_a_name_a_line_or_a_cell_away_from_its_word_is_covered():
    document = Document(
        (
            line(1, "申请人"),
            line(2, "赵立春提出的申请"),
            table(
                ("联系人", "钱卫东"),
            ),
        ),
        "test",
        "1",
    )
    shown = list(mask_blocks(document))
    assert shown[1]["text"] == "＊＊＊提出的申请"
    assert shown[2]["rows"][0][1]["text"] == "＊＊＊"


def test_two_numbers_of_a_table_are_never_taken_for_one_of_a_telephone():
    numbers = ("138", "1234", "5678", "010", "12345678")
    (shown,) = mask_blocks(Document((table(numbers),), "test", "1"))
    assert tuple(cell["text"] for cell in shown["rows"][0]) == numbers


def test_bytes_that_are_gone_are_said_to_be(tmp_path):
    (problem,) = SourceTexts(DataPaths(tmp_path)).read("0" * 64)
    assert "problem" in problem
