from __future__ import annotations

from collections.abc import Sequence

import pytest

from pipeline.documents.model import Document, Grid, Text
from pipeline.documents.pdf import read_pdf
from pipeline.issues import IssueCode
from tests.unit.documents.pdf_drawing import Sheet, build_pdf

FILLER = "A line of text that is long enough."
EDGES = (50, 200, 250, 300, 350, 400)
NUMBERS = ["1", "2", "3", "4"]


def read(*sheets: Sheet) -> Document:
    return read_pdf(build_pdf(*sheets))


def grids_of(document: Document) -> list[Grid]:
    return [block for block in document.blocks if isinstance(block, Grid)]


def rows_of(grid: Grid) -> list[list[str]]:
    rows: list[list[str]] = [[] for _ in range(grid.row_count)]
    for cell in grid.cells:
        rows[cell.row].append(cell.text)
    return rows


def only_rows(*sheets: Sheet) -> list[list[str]]:
    (grid,) = grids_of(read(*sheets))
    return rows_of(grid)


def draw(sheet: Sheet, texts: Sequence[Sequence[str]], top: float = 700, edges: Sequence[float] = EDGES) -> Sheet:
    sheet.draw_table(edges, [top - 20 * n for n in range(len(texts) + 1)], texts)
    return sheet


def page(*lines: tuple[float, str]) -> Sheet:
    sheet = Sheet()
    for y, text in lines:
        sheet.write(50, y, text)
    return sheet


def test_spans_are_where_rulings_are_missing() -> None:
    sheet = page((780, FILLER))
    sheet.fill_in((50, 200, 250), (700, 680, 660, 640), [["item", "both"], ["", "in", "out"], ["fees", "3", "4"]])
    for x, top in ((50, 700), (200, 700), (250, 680), (300, 700)):
        sheet.rule(x, top, x, 640)
    for y, left in ((700, 50), (680, 200), (660, 50), (640, 50)):
        sheet.rule(left, y, 300, y)
    (grid,) = grids_of(read(sheet))
    spans = {c.text: (c.row, c.column, c.row_span, c.column_span) for c in grid.cells}
    assert spans["item"] == (0, 0, 2, 1)
    assert spans["both"] == (0, 1, 1, 2)
    assert [spans[text] for text in ("fees", "3", "4")] == [(2, 0, 1, 1), (2, 1, 1, 1), (2, 2, 1, 1)]


@pytest.mark.parametrize("gap", [(50, 200), (200, 250), (150, 240)], ids=["labels", "numbers", "both"])
def test_rows_with_a_piece_of_ruling_missing_between_them_are_read_as_lines(gap: tuple[float, float]) -> None:
    sheet = page((780, FILLER))
    sheet.fill_in((50, 200, 250), (700, 680, 660), [["fees", "3", "4"], ["fines", "5", "6"]])
    for x in (50, 200, 250, 300):
        sheet.rule(x, 700, x, 660)
    for y in (700, 660):
        sheet.rule(50, y, 300, y)
    sheet.rule(50, 680, gap[0], 680)
    sheet.rule(gap[1], 680, 300, 680)
    document = read(sheet)
    assert grids_of(document) == []
    assert [b.text for b in document.blocks if isinstance(b, Text)] == [FILLER, "fees 3 4", "fines 5 6"]


def test_missing_outer_borders_are_closed() -> None:
    sheet = page((780, FILLER))
    for y in (680, 660):
        sheet.rule(50, y, 300, y)
    for x in (200, 250):
        sheet.rule(x, 700, x, 640)
    sheet.fill_in((50, 200, 250), (700, 680, 660, 640), [["a", "1", "2"], ["b", "3", "4"], ["c", "5", "6"]])
    assert only_rows(sheet) == [["a", "1", "2"], ["b", "3", "4"], ["c", "5", "6"]]


def test_borders_a_few_points_off_between_rows_make_no_columns() -> None:
    sheet = page((780, FILLER))
    draw(sheet, [["a", "1", "2"]], 700, (50, 200, 250, 300))
    draw(sheet, [["b", "3", "4"]], 680, (50, 206, 255, 300))
    (grid,) = grids_of(read(sheet))
    assert [(c.text, c.column, c.column_span) for c in grid.cells] == [
        ("a", 0, 1), ("1", 1, 1), ("2", 2, 1), ("b", 0, 1), ("3", 1, 1), ("4", 2, 1),
    ]  # fmt: skip
    assert grid.column_count == 3


def test_label_of_one_character_a_line() -> None:
    sheet = page((780, FILLER))
    for x in (50, 65, 200):
        sheet.rule(x, 700, x, 600)
    for y in (700, 600):
        sheet.rule(50, y, 200, y)
    for number, letter in enumerate("total"):
        sheet.write(54, 680 - 15 * number, letter)
    sheet.write(70, 650, "5")
    assert only_rows(sheet) == [["total", "5"]]


def test_a_number_wrapped_beside_another_is_one_number() -> None:
    sheet = draw(page((780, FILLER)), [["label", "", "7"]], 700, (50, 100, 121, 150))
    sheet.commands = [c.replace("680", "660") for c in sheet.commands]
    sheet.write(102, 688, "123")
    sheet.write(102, 676, "45")
    assert only_rows(sheet) == [["label", "12345", "7"]]


def test_numbers_below_each_other_are_not_joined() -> None:
    # The line between two rows is missing, so that every cell holds two of them
    sheet = page((780, FILLER))
    for x in (50, 100, 121, 142):
        sheet.rule(x, 700, x, 660)
    for y in (700, 660):
        sheet.rule(50, y, 142, y)
    for y, texts in ((685, ("one", "123", "456")), (668, ("two", "45", "78"))):
        for x, text in zip((52, 102, 123), texts, strict=True):
            sheet.write(x, y, text)
    assert only_rows(sheet) == [["onetwo", "123 45", "456 78"]]


@pytest.mark.parametrize("start", [102, 103, 104, 105, 106, 107])
def test_a_number_across_a_border_is_no_number(start: float) -> None:
    sheet = draw(page((780, FILLER)), [["label", "", "", "9"]], 700, (50, 100, 120, 140, 160))
    sheet.write(start, 686, "12345")
    ((_, left, right, last),) = only_rows(sheet)
    assert (left[-1], right[-1], last) == ("\ufffd", "\ufffd", "9")
    assert left[:-1] + right[:-1] == "12345"


def test_a_number_beyond_the_last_border_is_no_number() -> None:
    sheet = draw(page((780, FILLER)), [["label", "", ""]], 700, (50, 100, 120, 140))
    sheet.write(123, 686, "12345")
    assert only_rows(sheet) == [["label", "", "123\ufffd"]]


@pytest.mark.parametrize(
    "texts",
    [
        (("95", 10, 0, 0), ("1", 6, 11.5, 4)),
        (("95", 10, 0, 0), ("1", 10, 11.2, 2.5)),
        (("95", 10, 0, 0), ("8", 10, 2, 0)),
    ],
    ids=["smaller", "raised", "overprinted"],
)
def test_a_footnote_mark_or_overprint_is_not_part_of_the_number(
    texts: Sequence[tuple[str, float, float, float]],
) -> None:
    sheet = draw(page((780, FILLER)), [["label", ""]], 700, (50, 200, 300))
    for text, size, x, y in texts:
        sheet.write(210 + x, 685 + y, text, size)
    (row,) = only_rows(sheet)
    assert " " in row[1]


@pytest.mark.parametrize(("size", "text"), [(10, "954"), (7, "95 4")])
def test_a_smaller_digit_on_the_next_line_is_a_footnote_mark(size: float, text: str) -> None:
    sheet = page((780, FILLER))
    sheet.draw_table((50, 100, 114, 140), (700, 660), [["label", "", "7"]])
    sheet.write(101, 686, "95")
    sheet.write(101, 674, "4", size)
    assert only_rows(sheet) == [["label", text, "7"]]


def test_bold_by_printing_twice_is_read_once() -> None:
    sheet = draw(page((780, FILLER)), [["label", "11"]], 700, (50, 200, 300))
    sheet.write(203.4, 685, "11")
    assert only_rows(sheet) == [["label", "11"]]


def test_a_table_goes_on_on_the_next_page_whatever_stands_in_the_margins() -> None:
    first = draw(page((785, "Annual report 2024"), (780, ""), (40, "- 1 -")), [["a", *NUMBERS], ["b", *NUMBERS]], 90)
    second = draw(page((785, "Annual report 2024"), (40, "- 2 -")), [["c", *NUMBERS]], 770)
    second.write(50, 600, FILLER)
    document = read(first, second)
    (grid,) = grids_of(document)
    assert [row[0] for row in rows_of(grid)] == ["a", "b", "c"]
    assert [str(c.locator) for c in grid.cells if c.column == 1] == ["P1 T1 R1 C2", "P1 T1 R2 C2", "P2 T1 R1 C2"]
    assert [b.text for b in document.blocks if isinstance(b, Text)] == ["Annual report 2024", FILLER]


def test_text_between_two_tables_keeps_them_apart() -> None:
    second = draw(page((785, "2. The next table")), [["c", *NUMBERS]], 770)
    assert len(grids_of(read(draw(page((780, FILLER)), [["a", *NUMBERS]], 90), second))) == 2


def test_other_columns_make_another_table() -> None:
    second = draw(Sheet(), [["c", "1"]], 770, (50, 230, 400))
    assert len(grids_of(read(draw(page((780, FILLER)), [["a", *NUMBERS]], 90), second))) == 2


def test_fewer_columns_of_the_same_place_are_spans() -> None:
    second = draw(Sheet(), [["note", "words"]], 770, (50, 200, 400))
    (grid,) = grids_of(read(draw(page((780, FILLER)), [["a", *NUMBERS]], 90), second))
    assert [(c.text, c.column, c.column_span) for c in grid.cells if c.row == 1] == [("note", 0, 1), ("words", 1, 4)]


def test_header_rows_printed_again_are_dropped() -> None:
    header = ["item", "w", "x", "y", "z"]
    first = draw(page((780, FILLER)), [header, ["a", *NUMBERS]], 90)
    assert [row[0] for row in only_rows(first, draw(Sheet(), [header, ["b", *NUMBERS]], 770))] == ["item", "a", "b"]


def test_rows_of_numbers_are_never_taken_for_a_header() -> None:
    first = draw(page((780, FILLER)), [["0", *NUMBERS], ["a", *NUMBERS]], 90)
    assert len(only_rows(first, draw(Sheet(), [["0", *NUMBERS], ["b", *NUMBERS]], 770))) == 4


FULL = "a label that is long, w"  # fills its column
BLANKS = ["", "", "", ""]


@pytest.mark.parametrize(("upper", "lower"), [(NUMBERS, BLANKS), (BLANKS, NUMBERS)])
def test_a_row_cut_by_the_page_is_one_row(upper: list[str], lower: list[str]) -> None:
    edges = (50, 160, 210, 260, 310, 360)
    first = draw(page((780, FILLER)), [["a", *NUMBERS], [FULL, *upper]], 90, edges)
    assert only_rows(first, draw(Sheet(), [["rapped", *lower], ["b", *NUMBERS]], 770, edges)) == [
        ["a", *NUMBERS], [FULL + "rapped", *NUMBERS], ["b", *NUMBERS],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("upper", "lower"),
    [
        (["short", *NUMBERS], ["another", *BLANKS]),
        ([FULL, *NUMBERS], ["2. another", *BLANKS]),
        ([FULL, *NUMBERS], ["rapped", *NUMBERS]),
        ([FULL, *BLANKS], ["rapped", *BLANKS]),
    ],
)
def test_a_row_that_may_be_one_of_its_own_stays(upper: list[str], lower: list[str]) -> None:
    edges = (50, 160, 210, 260, 310, 360)
    first = draw(page((780, FILLER)), [["a", *NUMBERS], upper], 90, edges)
    assert len(only_rows(first, draw(Sheet(), [lower], 770, edges))) == 3


@pytest.mark.parametrize(("ordinal", "rows"), [("1. ", 3), ("", 4)])
def test_a_cut_row_of_few_numbers_is_one_row_where_every_label_has_an_ordinal(ordinal: str, rows: int) -> None:
    edges = (50, 160, 210, 260, 310, 360)
    upper = [[ordinal + "a", *NUMBERS], ["2. label that is long, w", "5", "", "", "5"]]
    lower = draw(Sheet(), [["rapped", *BLANKS], ["3. b", *NUMBERS]], 770, edges)
    assert len(only_rows(draw(page((780, FILLER)), upper, 90, edges), lower)) == rows


def test_a_short_row_without_its_number_is_never_joined() -> None:
    first = draw(page((780, FILLER)), [["penalties", "5"]], 90, (50, 100, 200))
    assert only_rows(first, draw(Sheet(), [["forced acts", ""]], 770, (50, 100, 200))) == [
        ["penalties", "5"], ["forced acts", ""],
    ]  # fmt: skip


def test_space_between_the_borders_of_cells_makes_no_rows_and_columns() -> None:
    sheet = page((780, FILLER))
    # Two borders each, 4 points apart, between the columns and between the rows
    for x in (50, 200, 204, 300):
        sheet.rule(x, 700, x, 656)
    for y in (700, 680, 676, 656):
        sheet.rule(50, y, 300, y)
    sheet.fill_in((50, 204), (700, 680), [["item", "count"]])
    sheet.fill_in((50, 204), (676, 656), [["fees", "3"]])
    assert only_rows(sheet) == [["item", "count"], ["fees", "3"]]


def test_struck_out_digits_spoil_the_number() -> None:
    sheet = draw(page((780, FILLER)), [["label", "7123", "5"]], 700, (50, 200, 250, 300))
    sheet.rule(203.2, 688, 208, 688)  # through the 7
    sheet.rule(253, 684, 259, 684)  # below the 5
    document = read(sheet)
    assert rows_of(grids_of(document)[0]) == [["label", "\ufffd123", "5"]]
    assert [issue.code for issue in document.issues] == [IssueCode.DAMAGED_TEXT]
