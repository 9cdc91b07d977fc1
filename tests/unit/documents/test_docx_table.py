from __future__ import annotations

from bench.render_docx import pack_docx
from pipeline.documents.docx import read_docx
from pipeline.documents.grid import MAX_COLUMNS, MAX_ROWS
from pipeline.documents.model import Document, Grid, Text
from pipeline.issues import IssueCode


def cell(text: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>"


def spanning(text: str, columns: int, properties: str = "") -> str:
    return cell(text, f'<w:gridSpan w:val="{columns}"/>{properties}')


def row(*cells: str, properties: str = "") -> str:
    return f"<w:tr><w:trPr>{properties}</w:trPr>{''.join(cells)}</w:tr>"


def table(*rows: str, widths: tuple[int, ...] = ()) -> str:
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return f"<w:tbl><w:tblPr/><w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"


def read(body: str) -> Document:
    return read_docx(pack_docx(body))


def places(body: str) -> list[tuple[str, int, int, int, int]]:
    """(text, row, column, row span, column span) of every cell of the one table."""
    (grid,) = read(body).blocks
    assert isinstance(grid, Grid)
    return [(c.text, c.row, c.column, c.row_span, c.column_span) for c in grid.cells]


RESTART, CONTINUE = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"


def test_spans_and_merged_rows() -> None:
    body = table(
        row(cell("a", RESTART), spanning("b", 2)),
        row(cell("not printed", CONTINUE), cell("c"), cell("d")),
        row(cell("", '<w:vMerge w:val="continue"/>'), cell("e"), cell("f")),
    )
    assert places(body) == [
        ("a", 0, 0, 3, 1),
        ("b", 0, 1, 1, 2),
        ("c", 1, 1, 1, 1),
        ("d", 1, 2, 1, 1),
        ("e", 2, 1, 1, 1),
        ("f", 2, 2, 1, 1),
    ]


def test_cells_have_locators_from_one_and_true_columns() -> None:
    document = read(table(row(cell("a"), cell("1"))) + "<w:p/>" + table(row(cell("b"), spanning("2", 2), cell("3"))))
    first, second = document.blocks
    assert isinstance(first, Grid)
    assert isinstance(second, Grid)
    assert [str(c.locator) for c in second.cells] == ["T2 R1 C1", "T2 R1 C2", "T2 R1 C4"]
    assert (second.row_count, second.column_count, second.has_true_columns) == (1, 4, True)


def test_a_continuation_with_nothing_to_continue_is_a_cell() -> None:
    body = table(row(cell("a"), cell("b")), row(cell("c", CONTINUE), cell("d")), row(cell("e", CONTINUE), cell("f")))
    assert places(body) == [
        ("a", 0, 0, 1, 1),
        ("b", 0, 1, 1, 1),
        ("c", 1, 0, 2, 1),
        ("d", 1, 1, 1, 1),
        ("f", 2, 1, 1, 1),
    ]


def test_a_merge_that_changes_its_width_is_two_cells() -> None:
    body = table(row(spanning("a", 2, RESTART), cell("b")), row(cell("c", CONTINUE), cell("d"), cell("e")))
    assert [place[:3] for place in places(body)] == [("a", 0, 0), ("b", 0, 2), ("c", 1, 0), ("d", 1, 1), ("e", 1, 2)]


def test_rows_that_begin_late_and_cells_merged_the_old_way() -> None:
    assert places(table(row(cell("a"), cell("b")), row(cell("c"), properties='<w:gridBefore w:val="1"/>')))[-1][:3] == (
        "c",
        1,
        1,
    )
    body = table(row(cell("a", '<w:hMerge w:val="restart"/>'), cell("", "<w:hMerge/>"), cell("b")))
    assert places(body) == [("a", 0, 0, 1, 2), ("b", 0, 2, 1, 1)]


def test_rows_and_cells_that_are_not_printed() -> None:
    deleted, hidden = (
        row(cell("x"), cell("9"), properties="<w:del/>"),
        row(cell("y"), cell("9"), properties="<w:hidden/>"),
    )
    body = table(deleted, hidden, row(cell("a"), cell("9", "<w:cellDel/>"), cell("1")))
    assert places(body) == [("a", 0, 0, 1, 1), ("1", 0, 1, 1, 1)]


def test_former_spans_are_not_spans() -> None:
    former = '<w:tcPrChange><w:tcPr><w:gridSpan w:val="3"/></w:tcPr></w:tcPrChange>'
    assert places(table(row(cell("a", former), cell("1"))))[1][:3] == ("1", 0, 1)


def test_paragraphs_and_breaks_in_a_cell_stay_apart() -> None:
    body = "<w:tc><w:p><w:r><w:t>1</w:t><w:br/><w:t>2</w:t></w:r></w:p><w:p><w:r><w:t>3</w:t></w:r></w:p></w:tc>"
    assert places(table(row(cell("a"), body)))[1][0] == "1 2 3"


def test_a_sliver_between_rows_is_dropped() -> None:
    body = table(
        row(cell("h"), spanning("h1", 2), cell("h2"), cell("h3")),
        row(cell("a"), cell("1"), spanning("2", 2), cell("3")),
        widths=(3000, 1000, 1, 1000, 1000),
    )
    assert [(text, column, span) for text, _, column, _, span in places(body)] == [
        *(("h", 0, 1), ("h1", 1, 1), ("h2", 2, 1), ("h3", 3, 1)),
        *(("a", 0, 1), ("1", 1, 1), ("2", 2, 1), ("3", 3, 1)),
    ]


def test_a_column_wide_enough_for_a_number_is_never_dropped() -> None:
    body = table(
        row(spanning("h1", 2), spanning("h2", 2), spanning("h3", 2)),
        row(cell("a"), spanning("1", 2), spanning("2", 2), cell("3")),
        widths=(500, 500, 500, 500, 500, 500),
    )
    assert [(text, column) for text, _, column, _, _ in places(body)] == [
        *(("h1", 0), ("h2", 2), ("h3", 4)),
        *(("a", 0), ("1", 1), ("2", 3), ("3", 5)),
    ]


def test_a_sliver_with_a_cell_of_its_own_stays() -> None:
    body = table(row(cell("a"), cell(""), cell("1")), widths=(3000, 1, 1000))
    assert [place[2] for place in places(body)] == [0, 1, 2]


def test_a_table_around_tables_is_layout() -> None:
    inner = table(row(cell("a"), cell("1")))
    outer = table(f"<w:tr><w:tc>{inner}<w:p><w:r><w:t>after</w:t></w:r></w:p></w:tc>{cell('beside')}</w:tr>")
    grid, *texts = read(outer).blocks
    assert isinstance(grid, Grid)
    assert [t.text for t in texts if isinstance(t, Text)] == ["after", "beside"]
    assert str(grid.cells[0].locator) == "T1 R1 C1"


def test_a_table_of_one_column_is_text() -> None:
    assert [b.text for b in read(table(row(cell("a")), row(cell("b")))).blocks if isinstance(b, Text)] == ["a", "b"]


def test_rows_and_cells_in_content_controls() -> None:
    def control(content: str) -> str:
        return f"<w:sdt><w:sdtPr/><w:sdtContent>{content}</w:sdtContent></w:sdt>"

    wrapped = control(row(cell("a"), control(cell("1"))))
    assert [place[:3] for place in places(table(wrapped))] == [("a", 0, 0), ("1", 0, 1)]


def test_a_text_box_in_a_cell_is_no_part_of_its_number() -> None:
    box = "<w:txbxContent><w:p><w:r><w:t>9</w:t></w:r></w:p></w:txbxContent>"
    body = f"<w:tc><w:p><w:r><w:t>1</w:t></w:r><w:r><w:pict><v:textbox>{box}</v:textbox></w:pict></w:r></w:p></w:tc>"
    grid, text = read(table(row(cell("a"), body))).blocks
    assert isinstance(grid, Grid)
    assert isinstance(text, Text)
    assert (grid.cells[1].text, text.text) == ("1", "9")


def test_a_table_over_the_limits_is_left_out_whole_and_named() -> None:
    for body in (
        table(row(cell("a"), spanning("1", 10**9))),
        table(row(*[cell("1")] * (MAX_COLUMNS + 1))),
        table(row(cell("a"), properties='<w:gridBefore w:val="99999"/>'), row(cell("a"), cell("b"))),
        table(*[row(cell("a"), cell("1"))] * (MAX_ROWS + 1)),
    ):
        document = read(body + table(row(cell("a"), cell("2"))))
        assert [(issue.code, issue.locator) for issue in document.issues] == [(IssueCode.LIMIT_EXCEEDED, "T1")]
        (grid,) = document.blocks
        assert isinstance(grid, Grid)
        assert str(grid.cells[1].locator) == "T2 R1 C2"
