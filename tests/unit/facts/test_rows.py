from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from pipeline.contract.frames import make_frame
from pipeline.contract.schema import load_tables
from pipeline.facts.encoded import MERGED_COLUMNS, encode_rows, join_tables
from pipeline.facts.identities import evaluate_rules
from pipeline.facts.model import DocumentRows, Outcome
from pipeline.facts.report_identities import REPORT_COLUMNS
from pipeline.facts.rows import document_rows, failed_rows
from pipeline.issues import Issue, IssueCode
from pipeline.reports.model import CellState, Claim, Report, Section

DOCUMENT = "00000000000000aa"
IDENTITY = dict(zip(REPORT_COLUMNS, ("", "none", "unknown", None, None), strict=True))
MERGED = {**IDENTITY, "version_number": 1, "version_change_code": "first", "is_latest": True}


def rows_of(report: Report) -> DocumentRows:
    return document_rows(DOCUMENT, "2022", report, evaluate_rules(report))


def row(rows: DocumentRows, table: str, **key: object) -> dict[str, object]:
    (found,) = [r for r in rows.tables[table] if all(r[name] == value for name, value in key.items())]
    return dict(found)


def test_every_table_keeps_the_contract_and_its_key(make_report):
    issue = Issue(IssueCode.LABEL_FUZZY, "one", "L3")
    claim = Claim("n_review", Decimal(1), "件", False, "S1", "", 0, 0, 0)
    printed = make_report({"disputes.review.total": 1}, issues=(issue,), claims=(claim,), publisher="甲县乙镇人民政府")
    rows = rows_of(printed)
    for name, table in load_tables().items():
        if name.startswith("core.") and table.stage in ("batch", "year"):
            extra = MERGED if name == "core.report" else {}
            frame = make_frame(name, [{**r, **extra} for r in rows.tables[name]])
            assert frame.height > 0, name
            assert frame.select(table.key).is_unique().all(), name


def test_numbers_land_in_their_cells(make_report):
    cells = {
        "requests.granted.natural_person": 7,
        "proactive.admin_fees.amount": "12.5",
        "disputes.review.upheld": CellState.BLANK,
    }
    rows = rows_of(make_report(cells))
    granted = row(rows, "core.cell", cell_code="requests.granted.natural_person")
    assert (granted["value"], granted["state_code"]) == (Decimal(7), "reported")
    fee = row(rows, "core.cell", cell_code="proactive.admin_fees.amount")
    assert (fee["value"], fee["unit"]) == (Decimal("12.5"), "万元")
    dispute = row(rows, "core.cell", cell_code="disputes.review.upheld")
    assert (dispute["value"], dispute["state_code"]) == (None, "blank")
    assert row(rows, "core.report")["reported_cell_count"] == 199


def test_cells_not_read_are_rows_too(make_report):
    report = make_report()
    rows = rows_of(replace(report, cells=report.cells[:10]))
    assert len(rows.tables["core.cell"]) == 200
    absent = row(rows, "core.cell", cell_code="disputes.review.total")
    assert (absent["state_code"], absent["value"], absent["method_code"]) == ("absent", None, "none")


@pytest.mark.parametrize("number", ["1.123456789", "123456789012345", "NaN"])
def test_a_number_that_would_change_in_storage_is_refused_with_an_issue(make_report, number):
    rows = rows_of(make_report({"proactive.admin_fees.amount": number}))
    cell = row(rows, "core.cell", cell_code="proactive.admin_fees.amount")
    assert (cell["state_code"], cell["value"], cell["raw_text"]) == ("illegible", None, number)
    assert row(rows, "core.issue")["issue_code"] == "value_illegible"
    assert rows.issue_codes == ("value_illegible",)


@pytest.mark.parametrize("number", ["13812345678", "01012345678"])
def test_a_telephone_number_in_place_of_a_count_is_no_number_and_is_masked(make_report, number):
    rows = rows_of(make_report({"proactive.penalty.decisions": number}))
    cell = row(rows, "core.cell", cell_code="proactive.penalty.decisions")
    assert (cell["state_code"], cell["value"], cell["raw_text"]) == ("illegible", None, "＊" * len(number))
    assert "telephone number" in row(rows, "core.issue")["message_text"]
    assert number not in str(rows)


def test_digits_in_doubt_that_may_be_a_telephone_number_are_masked(make_report):
    report = make_report()
    doubtful = replace(report.cells[0], value=None, state=CellState.AMBIGUOUS, raw="13812345678")
    rows = rows_of(replace(report, cells=(doubtful, *report.cells[1:])))
    assert row(rows, "core.cell", cell_code=doubtful.code)["raw_text"] == "＊" * 11


def test_names_in_a_printed_label_and_in_the_agency_name_are_masked(make_report):
    report = make_report(agency_name="联系人王建国13812345678甲县人民政府")
    fuzzy = replace(report.cells[0], label="行政许可 联系人：王建国", label_distance=7)
    rows = rows_of(replace(report, cells=(fuzzy, *report.cells[1:])))
    assert row(rows, "core.cell", cell_code=fuzzy.code)["label_text"] == "行政许可 联系人：＊＊＊"
    assert "王建国" not in str(rows)


def test_eight_decimals_and_trailing_zeros_are_stored(make_report):
    for number in ("0.12345678", "10.0000000000"):
        rows = rows_of(make_report({"proactive.admin_fees.amount": number}))
        assert row(rows, "core.cell", cell_code="proactive.admin_fees.amount")["value"] == Decimal(number)


def test_findings_carry_their_difference_only_where_both_sides_are_numbers(make_report):
    rows = rows_of(make_report({"disputes.review.total": 3, "disputes.lit_direct.total": CellState.DASH}))
    failed = row(rows, "core.finding", rule_code="R06", place_text="review")
    assert (failed["verdict_code"], failed["difference"]) == ("fail", 3)
    open_one = row(rows, "core.finding", rule_code="R06", place_text="lit_direct")
    assert (open_one["left_value"], open_one["right_value"], open_one["difference"]) == (None, 0, None)
    assert row(rows, "core.report")["grade_code"] == "contradictory"


def test_narrative_is_masked_wherever_it_is_stored(make_report):
    name, phone = "万小青", "13800001234"
    text = f"申请人{name}要求公开，电话{phone}。"
    section = Section("S1", f"原告{name}", text, "L2")
    issue = Issue(IssueCode.NOT_A_REPORT, text, "L2")
    report = make_report({"disputes.review.total": CellState.TEXT}, sections=(section,), issues=(issue,), title=text)
    cells = tuple(replace(c, raw=text) if c.state is CellState.TEXT else c for c in report.cells)
    stored = repr(rows_of(replace(report, cells=cells)).tables)
    assert name not in stored
    assert phone not in stored


def test_a_document_that_is_no_report_has_only_its_reading_and_issues():
    issue = Issue(IssueCode.PARTIAL_PERIOD, "half a year only")
    report = Report(False, reject_reason="partial_period", title="上半年统计", issues=(issue,), reader_version="html/1")
    rows = document_rows(DOCUMENT, "2022", report, ())
    assert rows.outcome is Outcome.REJECTED
    assert {table for table, of_document in rows.tables.items() if of_document} == {"core.reading", "core.issue"}
    reading = row(rows, "core.reading")
    assert (reading["reading_outcome"], reading["reject_reason_code"]) == ("rejected", "partial_period")


def test_a_crash_is_a_row():
    rows = failed_rows(DOCUMENT, "unknown", Issue(IssueCode.READER_CRASHED, "KeyError"), "html/1")
    assert (rows.outcome, rows.issue_codes, rows.reader_version) == (Outcome.FAILED, ("reader_crashed",), "html/1")
    make_frame("core.reading", rows.tables["core.reading"])
    make_frame("core.issue", rows.tables["core.issue"])


def test_a_section_read_twice_is_refused_loudly(make_report):
    report = make_report()
    with pytest.raises(ValueError, match="section was read twice"):
        rows_of(replace(report, sections=(*report.sections, report.sections[0])))


def test_columns_hold_what_the_rows_say(make_report):
    read = [rows_of(make_report({"requests.granted.natural_person": number})) for number in (1, 2)]
    parts = [encode_rows([rows]) for rows in read]
    cells = make_frame("core.cell", [row for rows in read for row in rows.tables["core.cell"]])
    assert join_tables("core.cell", parts).equals(cells.to_arrow().cast(join_tables("core.cell", []).schema))
    lacking = {name for names in MERGED_COLUMNS.values() for name in names}
    assert lacking.isdisjoint(join_tables("core.report", parts).column_names)
    assert lacking > set(REPORT_COLUMNS)
    (document,) = parts[0].documents
    assert (document.document_id, document.partition_year, document.outcome) == (DOCUMENT, "2022", Outcome.REPORT)
