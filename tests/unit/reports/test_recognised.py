"""Which recognised numbers are published: those that the form's sums leave no choice about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import pytest

from bench.simulate import simulate_report
from pipeline.contract.editions import edition_by_code
from pipeline.documents.model import Document
from pipeline.issues import Issue, IssueCode
from pipeline.reports.model import CellReading, CellState
from pipeline.reports.read import read_report
from pipeline.reports.recognised import confirm_cells

EDITION = edition_by_code("ED_2021")
# A report with requests in several rows and columns, by its number in the simulation
PRINTED = simulate_report(9, 1).cells
DOUBT = "\ufffd"


def read(changed: Mapping[str, str] | None = None, method: str = "grid") -> list[CellReading]:
    """The report's cells as the form's reader gives them, some printed otherwise."""
    cells = []
    for place, (code, printed) in enumerate((PRINTED | dict(changed or {})).items()):
        number = Decimal(printed) if printed and DOUBT not in printed else None
        state = CellState.ILLEGIBLE if DOUBT in printed else CellState.REPORTED if printed else CellState.BLANK
        cells.append(CellReading(code, number, "", state, printed, f"P1 T1 R{place} C1", method))
    return cells


def confirm(
    changed: Mapping[str, str] | None = None, method: str = "grid"
) -> tuple[dict[str, CellReading], tuple[Issue, ...]]:
    cells, issues = confirm_cells(EDITION, read(changed, method), ())
    return {cell.code: cell for cell in cells}, issues


def unpublished(cells: Mapping[str, CellReading]) -> set[str]:
    return {code for code, cell in cells.items() if cell.value is None}


def row_and_column(row: str, column: str) -> set[str]:
    """The cells that stand in a sum with a row of the outcomes."""
    in_column = {code for code in PRINTED if code.startswith("requests.") and code.endswith(f".{column}")}
    others = {f"requests.{other}.{column}" for other in ("new_received", "carried_in", "carried_out")}
    return {code for code in PRINTED if code.startswith(f"requests.{row}.")} | in_column - others


def test_the_simulated_report_has_something_to_lose() -> None:
    assert sum(1 for code, printed in PRINTED.items() if code.startswith("requests.") and printed != "0") > 20


def test_numbers_that_balance_are_published_as_recognised() -> None:
    cells, issues = confirm()
    assert {code: cell.value for code, cell in cells.items()} == {code: Decimal(p) for code, p in PRINTED.items()}
    assert {cell.method for cell in cells.values()} == {"ocr"}
    assert issues == ()


def test_zeros_balance_like_other_numbers() -> None:
    nothing = dict.fromkeys(PRINTED, "0")
    assert unpublished(confirm(nothing)[0]) == set()


@pytest.mark.parametrize("wrong", ["1", "7", "170"])
def test_a_wrong_number_takes_its_row_and_its_column_with_it(wrong: str) -> None:
    cells, issues = confirm({"requests.denied_process_info.legal_other": wrong})
    assert unpublished(cells) == row_and_column("denied_process_info", "legal_other")
    lost = cells["requests.denied_process_info.legal_other"]
    assert (lost.state, lost.raw, lost.method) == (CellState.AMBIGUOUS, wrong, "ocr")
    (issue,) = issues
    assert issue.code is IssueCode.OCR_UNCONFIRMED
    assert issue.message.startswith("requests: ")
    assert issue.message.endswith("more")


def test_a_total_stands_in_both_kinds_of_column_sums() -> None:
    lost = unpublished(confirm({"requests.total_disposed.legal_other": "9"})[0])
    assert {"requests.new_received.legal_other", "requests.granted.legal_other"} <= lost
    assert "requests.new_received.legal_research" not in lost


def test_a_blank_is_no_zero() -> None:
    cells, _ = confirm({"requests.denied_process_info.legal_other": ""})
    assert PRINTED["requests.denied_process_info.legal_other"] == "0"
    assert unpublished(cells) == row_and_column("denied_process_info", "legal_other")
    assert cells["requests.denied_process_info.legal_other"].state is CellState.BLANK


def test_a_channel_of_disputes_stands_for_itself() -> None:
    lost = unpublished(confirm({"disputes.review.upheld": "77"})[0])
    assert lost == {code for code in PRINTED if code.startswith("disputes.review.")}


def test_a_table_without_sums_needs_a_number_without_doubt() -> None:
    cells, issues = confirm({"proactive.penalty.decisions": f"12{DOUBT}", "proactive.licensing.decisions": "345"})
    assert unpublished(cells) == {"proactive.penalty.decisions"}
    assert cells["proactive.penalty.decisions"].state is CellState.ILLEGIBLE
    assert cells["proactive.licensing.decisions"].value == 345
    assert issues == ()


def test_a_number_beside_words_is_not_taken() -> None:
    cells = [
        replace(cell, raw="0件") if cell.code == "proactive.penalty.decisions" else cell
        for cell in read({"proactive.penalty.decisions": "0"})
    ]
    confirmed, issues = confirm_cells(EDITION, cells, ())
    assert unpublished({cell.code: cell for cell in confirmed}) == {"proactive.penalty.decisions"}
    assert issues[0].code is IssueCode.OCR_UNCONFIRMED


def test_a_number_outside_ruled_cells_is_never_taken() -> None:
    assert unpublished(confirm(method="lines")[0]) == set(PRINTED)


@pytest.mark.parametrize("code", ["requests.granted.natural_person", "requests.new_received.total"])
def test_a_doubt_is_settled_by_sums_that_leave_no_other_number(code: str) -> None:
    illegible = Issue(IssueCode.VALUE_ILLEGIBLE, code, next(c.locator for c in read() if c.code == code))
    other = replace(illegible, locator="P9")
    cells, issues = confirm_cells(EDITION, read({code: PRINTED[code] + DOUBT}), (illegible, other))
    assert {c.code: c.value for c in cells}[code] == Decimal(PRINTED[code])
    assert issues == (other,)


def test_a_doubt_that_the_sums_contradict_stays() -> None:
    code = "requests.granted.natural_person"
    cells, _ = confirm({code: f"{int(PRINTED[code]) + 1}{DOUBT}"})
    assert cells[code].state is CellState.ILLEGIBLE
    assert unpublished(cells) == row_and_column("granted", "natural_person")


def test_two_doubts_in_one_row_are_settled_by_their_columns() -> None:
    codes = ("requests.granted.natural_person", "requests.granted.total")
    assert unpublished(confirm({code: PRINTED[code] + DOUBT for code in codes})[0]) == set()


def test_a_doubt_that_is_settled_settles_the_next() -> None:
    codes = ("granted.natural_person", "granted.total", "denied_process_info.total", "denied_process_info.legal_other")
    doubted = {f"requests.{code}": PRINTED[f"requests.{code}"] + DOUBT for code in codes}
    assert unpublished(confirm(doubted)[0]) == set()


def test_doubts_at_every_corner_of_a_rectangle_are_not_settled() -> None:
    rows, columns = ("granted", "denied_process_info"), ("natural_person", "total")
    codes = {f"requests.{row}.{column}" for row in rows for column in columns}
    lost = unpublished(confirm({code: PRINTED[code] + DOUBT for code in codes})[0])
    assert lost == set().union(*(row_and_column(row, column) for row in rows for column in columns))


def test_a_row_of_the_edition_before_takes_the_place_of_its_parts() -> None:
    parts = ("other_correction_overdue", "other_fee_unpaid", "other_misc")
    cells = [
        replace(cell, value=None, state=CellState.ABSENT, raw="", method="none")
        if cell.code.split(".")[1] in parts
        else cell
        for cell in read()
    ]
    for column in EDITION.table("requests").columns:
        total = sum(Decimal(PRINTED[f"requests.{part}.{column}"]) for part in parts)
        code = f"requests.other_total.{column}"
        cells.append(CellReading(code, total, "", CellState.REPORTED, str(total), "", "grid"))
    confirmed, _ = confirm_cells(EDITION, cells, ())
    lost = {cell.code.split(".")[1] for cell in confirmed if cell.value is None}
    assert lost == set(parts)
    assert {cell.method for cell in confirmed if cell.state is CellState.ABSENT} == {"none"}


def test_sentences_of_a_recognised_document_state_nothing(lines, read_lines) -> None:  # type: ignore[no-untyped-def]
    text = [line.replace("全年工作有序开展。", "本年收到政府信息公开申请12件。") for line in lines]
    report = read_lines(text)
    assert report.claims
    assert report.cells
    from pipeline.documents.model import Locator, Text

    blocks = tuple(Text(line, Locator(page=1, line=n)) for n, line in enumerate(text, 1))
    recognised = read_report(Document(blocks, "scan", "scan/1", is_recognised=True))
    assert recognised.is_report
    assert recognised.claims == ()
    assert {cell.value for cell in recognised.cells} == {None}
