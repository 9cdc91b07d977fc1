from __future__ import annotations

from collections.abc import Sequence

import pytest

from pipeline.documents.model import Grid, Text
from pipeline.documents.pdf import read_pdf
from pipeline.documents.pdf_lines import read_lines
from pipeline.documents.pdf_page import Character
from tests.unit.documents.pdf_drawing import Sheet, build_pdf

COLUMNS = (250, 300, 350, 400)
NUMBERS = ["1", "20", "3", "24"]
FILLER = "A line of text that is long enough to reach over all of these columns of numbers."
SIZE = 10


def write_row(sheet: Sheet, height: float, numbers: Sequence[str], columns: Sequence[float] = COLUMNS) -> None:
    for x, number in zip(columns, numbers, strict=False):
        if number:
            sheet.write(x, height, number, SIZE)


def write_label(sheet: Sheet, *lines: tuple[float, str], x: float = 50) -> None:
    for height, text in lines:
        sheet.write(x, height, text, SIZE)


def draw_rows(heights: Sequence[float], *labels: tuple[float, str]) -> Sheet:
    sheet = Sheet()
    for height in heights:
        write_row(sheet, height, NUMBERS)
    write_label(sheet, *labels)
    return sheet


def rows_of(*sheets: Sheet) -> list[list[str]]:
    """The rows of the only table; [] where the pages are read as lines."""
    grids = [block for block in read_pdf(build_pdf(*sheets)).blocks if isinstance(block, Grid)]
    assert len(grids) < 2
    rows: list[list[str]] = [[] for _ in range(grids[0].row_count)] if grids else []
    for cell in grids[0].cells if grids else ():
        rows[cell.row].append(cell.text)
    return rows


def labels_of(*sheets: Sheet) -> list[str]:
    return [row[1] for row in rows_of(*sheets)]


# Two lines of a label are 12 points apart, rows 6 more
CENTRED = draw_rows((700, 664, 634), (700, "fees"), (670, "requests that were"), (658, "granted"), (634, "total"))
LABELS = ["fees", "requests that weregranted", "total"]


def test_labels_of_several_lines_stand_on_the_height_of_their_numbers() -> None:
    assert rows_of(CENTRED) == [["", label, *NUMBERS] for label in LABELS]


def test_labels_may_begin_at_the_height_of_their_numbers() -> None:
    labels = ((700, "fees"), (670, "requests that were"), (658, "granted"), (634, "total"))
    assert labels_of(draw_rows((700, 670, 634), *labels)) == LABELS


def test_rows_without_space_between_them_are_told_apart_by_their_middles() -> None:
    labels = ((700, "fees"), (688, "requests that were"), (676, "granted"), (664, "total"))
    assert labels_of(draw_rows((700, 682, 664), *labels)) == LABELS


def test_a_line_that_may_belong_to_either_row_leaves_the_page_as_lines() -> None:
    labels = tuple((712 - 12 * n, text) for n, text in enumerate(("one", "two", "three", "four", "five")))
    assert rows_of(draw_rows((700, 676), *labels)) == []


def test_a_row_without_a_label_leaves_the_page_as_lines() -> None:
    assert rows_of(draw_rows((700, 680, 660), (700, "fees"), (660, "total"))) == []


def test_blank_cells_stay_where_they_are() -> None:
    sheet = draw_rows((700,), (700, "fees"), (680, "fines"), (660, "acts"))
    write_row(sheet, 680, ["", "5", "", "5"])
    write_row(sheet, 660, ["/", "", "", "/"])
    grid = next(block for block in read_pdf(build_pdf(sheet)).blocks if isinstance(block, Grid))
    assert grid.has_true_columns
    assert [(c.column, c.text) for c in grid.cells if c.row == 1] == [
        (0, ""), (1, "fines"), (2, ""), (3, "5"), (4, ""), (5, "5"),
    ]  # fmt: skip
    assert [c.text for c in grid.cells if c.row == 2] == ["", "acts", "/", "", "", "/"]
    assert [str(c.locator) for c in grid.cells if c.row == 1][3] == "P1 T1 R2 C4"


def test_what_stands_beside_several_rows_is_no_label() -> None:
    sheet = draw_rows((700, 682, 664, 646))
    for height, text in ((700, "in time"), (682, "too late"), (664, "never"), (646, "not at all")):
        write_label(sheet, (height, text), x=130)
    write_label(sheet, (679, "results of"), (667, "the year"))
    assert [row[:2] for row in rows_of(sheet)] == [
        ["", "in time"], ["results ofthe year", "too late"], ["", "never"], ["", "not at all"],
    ]  # fmt: skip


def test_a_label_longer_than_its_column_is_not_taken_for_one_beside_several_rows() -> None:
    sheet = draw_rows((700, 682, 664), (709, "centred lines of one label"))
    for height, text in ((691, "that goes on"), (682, "too late"), (664, "never")):
        write_label(sheet, (height, text), x=90)
    assert rows_of(sheet) == []


def test_headings_stand_over_their_columns() -> None:
    sheet = draw_rows((700, 682), (700, "fees"), (682, "fines"), (730, "item"))
    for x, lines in zip(COLUMNS, (("legal", "bodies"), ("press",), ("other", "bodies"), ("total",)), strict=True):
        write_label(sheet, *((730 - 12 * n, text) for n, text in enumerate(lines)), x=x)
    sheet.write(300, 752, "applicants of all", SIZE)
    assert rows_of(sheet) == [
        ["applicants of all"],
        ["item", "legalbodies", "press", "otherbodies", "total"],
        ["", "fees", *NUMBERS],
        ["", "fines", *NUMBERS],
    ]


@pytest.mark.parametrize("missing", [None, 0, 3])
def test_a_row_by_itself_is_a_table_where_every_number_has_a_heading(missing: int | None) -> None:
    sheet, columns = Sheet(), (50, 120, 190, 260, 330)
    write_row(sheet, 700, [*NUMBERS, "48"], columns)
    for place, x in enumerate(columns):
        if place != missing:
            write_label(sheet, (730, "upheld"), (718, "in full"), x=x)
    table = [["upheldin full"] * 5, [*NUMBERS, "48"]]
    assert rows_of(sheet) == (table if missing is None else [])


def test_two_numbers_in_one_column_are_no_table() -> None:
    sheet = draw_rows((700, 680), (700, "fees"), (680, "fines"), (660, "total"))
    write_row(sheet, 660, ["1", "2", "3", "6"], (246, 257, 350, 400))
    assert rows_of(sheet) == []


@pytest.mark.parametrize("step", [30, 12])
def test_a_number_that_goes_on_below_is_no_row(step: float) -> None:
    sheet = draw_rows((700, 700 - step), (700, "fees"), (700 - step, "fines that"), (688 - step, "were paid"))
    write_row(sheet, 688 - step, ["", "6", "", ""])
    assert rows_of(sheet) == []


def test_words_among_the_numbers_are_no_table() -> None:
    sheet = draw_rows((700, 682, 664), (700, "fees"), (682, "fines"), (664, "total"))
    sheet.write(310, 691, "see the note", SIZE)
    assert [len(row) for row in rows_of(sheet)] != [6, 6, 6]


def test_a_ruling_among_the_numbers_leaves_the_page_as_lines() -> None:
    sheet = draw_rows((700, 680), (700, "fees"), (680, "fines"))
    sheet.rule(50, 692, 420, 692)
    assert rows_of(sheet) == []


def test_text_before_and_after_a_table_stays_text() -> None:
    sheet = draw_rows((700, 682), (700, "fees"), (682, "fines"), (740, "1. Numbers"), (650, "2. Words"))
    sheet.write(50, 630, FILLER, SIZE)
    blocks = read_pdf(build_pdf(sheet)).blocks
    assert [block.text if isinstance(block, Text) else "" for block in blocks] == ["1. Numbers", "", "2. Words", FILLER]


def test_a_table_goes_on_on_the_next_page_and_so_does_a_label() -> None:
    cut = "2. acts that nobody has ever found to be"
    first = draw_rows((82, 64, 46), (82, "1. fees"), (64, "1. fines"), (46, cut))
    second = draw_rows((740, 722), (760, "lawful"), (740, "3. total"), (722, "4. open"))
    assert rows_of(first, second) == [
        ["", "1. fees", *NUMBERS], ["", "1. fines", *NUMBERS], ["", cut + "lawful", *NUMBERS],
        ["", "3. total", *NUMBERS], ["", "4. open", *NUMBERS],
    ]  # fmt: skip


@pytest.mark.parametrize("step", [5.56, 2.78], ids=["right", "centred"])
def test_columns_are_the_same_whatever_numbers_a_page_prints(step: float) -> None:
    first, second = Sheet(), Sheet()
    for sheet, height, number in ((first, 60, "1"), (first, 42, "1234"), (second, 760, "123"), (second, 742, "12")):
        write_row(sheet, height, [number] * 4, [x - step * len(number) for x in COLUMNS])
        write_label(sheet, (height, "row"))
    assert len(rows_of(first, second)) == 4


def test_a_page_full_of_numbers_ends() -> None:
    sheet = Sheet()
    for n in range(1_400):
        for x, text in zip((50, *COLUMNS), ("row", *NUMBERS), strict=True):
            sheet.write(x, 780 - n / 2, text, 0.4)
    assert len([block for block in read_pdf(build_pdf(sheet)).blocks if isinstance(block, Grid)]) == 7


def place(text: str, left: float, width: float = 12) -> Character:
    return Character(text, left, left + width, 0, 12, 2)


def test_digits_set_off_in_a_sentence_are_part_of_it() -> None:
    even = [place("\u7559", 0), place("4", 14.4, 6), place("\u4f4d", 22.8)]
    uneven = [place("\u7559", 0), place("4", 14.4, 6), place("\u4f4d", 30)]
    assert [read_lines(line)[0].text for line in (even, uneven)] == ["\u75594\u4f4d", "\u7559 4 \u4f4d"]
