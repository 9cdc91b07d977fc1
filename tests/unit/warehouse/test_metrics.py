"""Every metric equals what plain arithmetic makes of the printed numbers, on all truth tables there are."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path

import duckdb
import pytest

from pipeline.archive.sniff import sniff_media_type
from pipeline.contract.editions import FormCell, edition_by_code, load_editions
from pipeline.contract.marts import load_marts
from pipeline.contract.metrics import load_metrics
from pipeline.documents.read import DocumentRefused, read_document
from pipeline.facts.cells import complete_cells
from pipeline.paths import REPO_ROOT
from pipeline.reports.read import read_report
from pipeline.warehouse.build import reopen_build

SHARED = REPO_ROOT.parent / "shared"
GOLDEN, SHARED_TABLES, SEED_TABLES = (
    sorted((REPO_ROOT / "tests" / "golden" / "cells").glob("*.cells.csv")),
    sorted((SHARED / "reports" / "expected").glob("*.cells.csv")),
    sorted((SHARED / "seeds" / "expected").glob("*.cells.csv")),
)
TABLES = [*GOLDEN, *sorted((REPO_ROOT / "bench" / "truth").glob("*.cells.csv")), *SHARED_TABLES, *SEED_TABLES]
NAMES = [path.name.removesuffix(".cells.csv") for path in TABLES]
YEARS = {"ED_2021": 2023, "ED_2019": 2019, "ED_2014": 2016}

OUTCOMES = ("upheld", "corrected", "other", "pending", "total")

Numbers = Mapping[str, Decimal | None]
Metrics = dict[str, float | None]

KINDS = (
    "natural_person",
    "legal_commercial",
    "legal_research",
    "legal_public_interest",
    "legal_law_service",
    "legal_other",
)
# The rows of each group, written out: the eighth reason of 不予公开 is one of them
DENIED = [
    "denied_state_secret",
    "denied_law_prohibited",
    "denied_security_stability",
    "denied_third_party",
    "denied_internal_affairs",
    "denied_process_info",
    "denied_enforcement_file",
    "denied_admin_query",
]
UNAVAILABLE = ["unavailable_not_held", "unavailable_needs_creation", "unavailable_unclear"]
UNPROCESSED = [
    "unprocessed_petition",
    "unprocessed_duplicate",
    "unprocessed_publication",
    "unprocessed_excessive",
    "unprocessed_confirm_reissue",
]
OTHER = ["other_correction_overdue", "other_fee_unpaid", "other_misc"]


def add(*numbers: Decimal | None) -> Decimal | None:
    """The sum, or None as soon as one number is missing."""
    return None if None in numbers else sum((n for n in numbers if n is not None), Decimal(0))


def divide(part: Decimal | None, whole: Decimal | None) -> float | None:
    return None if part is None or not whole else float(part / whole)


def work_out_later_form(at: Numbers) -> Metrics:
    """The metrics of a report on the form of 2019 or 2021, from its printed cells alone."""

    def row(code: str, applicant: str = "total") -> Decimal | None:
        return at.get(f"requests.{code}.{applicant}")

    def case(channel: str, outcome: str) -> Decimal | None:
        return at.get(f"disputes.{channel}.{outcome}")

    disposed, received = row("total_disposed"), row("new_received")
    handled = add(received, row("carried_in"))
    denied, unavailable = add(*map(row, DENIED)), add(*map(row, UNAVAILABLE))
    unprocessed, other = add(*map(row, UNPROCESSED)), add(*map(row, OTHER))
    if other is None:
        other = row("other_total")
    disclosed = add(row("granted"), row("granted_partial"))
    closed = add(*(case("review", o) for o in ("upheld", "corrected", "other")))
    suits = {o: add(case("lit_direct", o), case("lit_after_review", o)) for o in OUTCOMES}
    kinds = [row("new_received", kind) for kind in KINDS]
    whole = add(*kinds)
    return {
        "disclosed_over_disposed_rate": divide(disclosed, disposed),
        "granted_over_disposed_rate": divide(row("granted"), disposed),
        "granted_partial_over_disposed_rate": divide(row("granted_partial"), disposed),
        "denied_over_disposed_rate": divide(denied, disposed),
        "unavailable_over_disposed_rate": divide(unavailable, disposed),
        "unprocessed_over_disposed_rate": divide(unprocessed, disposed),
        "other_over_disposed_rate": divide(other, disposed),
        "not_held_over_disposed_rate": divide(row("unavailable_not_held"), disposed),
        "unavailable_over_denied_or_unavailable_rate": divide(unavailable, add(denied, unavailable)),
        "disclosed_over_decided_rate": divide(disclosed, add(disclosed, denied, unavailable)),
        "disposed_over_handled_rate": divide(disposed, handled),
        "carried_out_over_handled_rate": divide(row("carried_out"), handled),
        "natural_person_over_received_rate": divide(row("new_received", "natural_person"), received),
        "review_over_disposed_rate": divide(case("review", "total"), disposed),
        "litigation_over_disposed_rate": divide(suits["total"], disposed),
        "dispute_over_disposed_rate": divide(add(case("review", "total"), suits["total"]), disposed),
        "review_corrected_over_closed_rate": divide(case("review", "corrected"), closed),
        "review_corrected_over_merits_rate": divide(
            case("review", "corrected"), add(case("review", "upheld"), case("review", "corrected"))
        ),
        "review_corrected_over_total_rate": divide(case("review", "corrected"), case("review", "total")),
        "litigation_corrected_over_closed_rate": divide(
            suits["corrected"], add(suits["upheld"], suits["corrected"], suits["other"])
        ),
        "lit_after_review_over_review_closed_rate": divide(case("lit_after_review", "total"), closed),
        "review_pending_over_total_rate": divide(case("review", "pending"), case("review", "total")),
        "litigation_pending_over_total_rate": divide(suits["pending"], suits["total"]),
        "applicant_received_hhi": (
            None if not whole else math.fsum(float(kind / whole) ** 2 for kind in kinds if kind is not None)
        ),
        "coercion_over_penalty_rate": divide(
            at.get("proactive.coercion.decisions"), at.get("proactive.penalty.decisions")
        ),
    }


def work_out_form_of_2014(at: Numbers) -> Metrics:
    """What mart.metric makes of the statistics table: the groups of answers that the later forms have too."""

    def stat(code: str) -> Decimal | None:
        return at.get(f"stats.{code}.year")

    answered = stat("c25_req_answered")
    disclosed = add(stat("c26_already_public"), stat("c27_granted"), stat("c28_partial"))
    not_information = stat("c34_not_gov_info")
    denied = add(stat("c29_denied"), None if not_information is None else -not_information)
    unavailable = add(stat("c36_not_this_organ"), stat("c37_nonexistent"), stat("c38_amend"))
    unprocessed = add(stat("c39_other_route"), not_information)
    review, suits = stat("c40_review"), stat("c44_lit")
    corrected, upheld = stat("c42_corrected"), stat("c41_upheld")
    return {
        "disclosed_over_disposed_rate": divide(disclosed, answered),
        "denied_over_disposed_rate": divide(denied, answered),
        "unavailable_over_disposed_rate": divide(unavailable, answered),
        "unprocessed_over_disposed_rate": divide(unprocessed, answered),
        "unavailable_over_denied_or_unavailable_rate": divide(unavailable, add(denied, unavailable)),
        "disclosed_over_decided_rate": divide(disclosed, add(disclosed, denied, unavailable)),
        "review_over_disposed_rate": divide(review, answered),
        "litigation_over_disposed_rate": divide(suits, answered),
        "dispute_over_disposed_rate": divide(add(review, suits), answered),
        "review_corrected_over_closed_rate": divide(corrected, add(upheld, corrected, stat("c43_other"))),
        "review_corrected_over_merits_rate": divide(corrected, add(upheld, corrected)),
        "review_corrected_over_total_rate": divide(corrected, review),
        "litigation_corrected_over_closed_rate": divide(
            stat("c46_corrected"), add(stat("c45_upheld"), stat("c46_corrected"), stat("c47_other"))
        ),
    }


def work_out_statistics(at: Numbers) -> Metrics:
    """The columns of mart.statistic_year that are metrics."""

    def stat(code: str) -> Decimal | None:
        return at.get(f"stats.{code}.year")

    received = stat("c17_req_received")
    return {
        "closed_on_time_over_closed_rate": divide(stat("c23_on_time"), stat("c22_req_closed")),
        "in_person_over_received_rate": divide(stat("c18_in_person"), received),
        "fax_over_received_rate": divide(stat("c19_fax"), received),
        "online_over_received_rate": divide(stat("c20_network"), received),
        "letter_over_received_rate": divide(stat("c21_letter"), received),
        "disclosed_over_answered_rate": divide(
            add(stat("c26_already_public"), stat("c27_granted"), stat("c28_partial")), stat("c25_req_answered")
        ),
        "budget_per_request_wan_yuan": divide(stat("c55_budget"), received),
    }


def edition_of(codes: set[str]) -> str:
    """The edition whose cells these are; the form of 2021 where two have them all."""
    return next(e.code for e in load_editions() if codes <= set(all_cells(e.code)))


@cache
def all_cells(edition_code: str) -> Mapping[str, FormCell]:
    """The cells of an edition, those of optional rows too."""
    tables = edition_by_code(edition_code).tables
    return {cell.code: cell for table in tables for row in table.rows for cell in table.row_cells(row)}


def load_truth(path: Path) -> dict[str, str]:
    with path.open(encoding="utf-8", newline="") as stream:
        return {row["cell_code"]: row["value"] for row in csv.DictReader(stream)}


def as_number(text: str) -> Decimal | None:
    """The number, without a unit behind it."""
    found = re.fullmatch(r"([+-]?[\d.]+)\D*", text)
    return Decimal(found[1]) if found else None


def truth_rows(make_report, name: str, edition: str, numbers: Numbers):
    """Stage rows of a report that prints these numbers; what is not among them is not printed."""
    rows = make_report(name, YEARS[edition], {})
    (report,) = rows["core.report"]
    report |= {"edition_code": edition, "edition_expected_code": edition, "reported_cell_count": len(numbers)}
    (like,) = (cell for cell in rows["core.cell"] if cell["cell_code"] == "requests.granted.total")
    document_id = report["report_id"]
    facts: dict[str, list[dict[str, object]]] = {"requests": [], "proactive": [], "disputes": [], "stats": []}
    rows["core.cell"] = []
    own = {cell.code for cell in edition_by_code(edition).cells()}
    for code, cell in all_cells(edition).items():
        if code not in own and code not in numbers:
            continue
        value = numbers.get(code)
        state = "reported" if value is not None else "blank" if code in numbers else "absent"
        place = {"table_code": cell.table, "row_code": cell.row, "column_code": cell.column}
        rows["core.cell"].append(
            like | place | {"cell_code": code, "value": value, "unit": cell.unit, "state_code": state}
        )
        fact = {"report_id": document_id, "state_code": state}
        count = None if value is None else int(value)
        facts[cell.table].append(
            fact
            | {
                "requests": {"outcome_code": cell.row, "applicant_code": cell.column, "request_count": count},
                "disputes": {"channel_code": cell.row, "outcome_code": cell.column, "case_count": count},
                "proactive": {"subject_code": cell.row, "measure_code": cell.column, "value": value, "unit": cell.unit},
                "stats": {"statistic_code": cell.row, "measure_code": cell.column, "value": value, "unit": cell.unit},
            }[cell.table]
        )
    rows["core.request"], rows["core.proactive"] = facts["requests"], facts["proactive"]
    rows["core.dispute"], rows["core.statistic"] = facts["disputes"], facts["stats"]
    return {table: some for table, some in rows.items() if some}


@pytest.fixture(scope="module")
def truths() -> dict[str, tuple[str, Numbers]]:
    """Name → edition and printed numbers, None for a blank, of every truth table."""
    loaded = {name: load_truth(path) for name, path in zip(NAMES, TABLES, strict=True)}
    return {
        name: (edition_of(set(cells)), {code: as_number(text) for code, text in cells.items()})
        for name, cells in loaded.items()
    }


@pytest.fixture(scope="module")
def con(
    truths, tmp_path_factory: pytest.TempPathFactory, module_build, module_report
) -> Iterator[duckdb.DuckDBPyConnection]:
    paths = module_build(
        tmp_path_factory.mktemp("truths"),
        [truth_rows(module_report, name, edition, numbers) for name, (edition, numbers) in truths.items()],
    )
    with reopen_build(paths) as connection:
        yield connection


def find_row(con: duckdb.DuckDBPyConnection, mart: str, name: str) -> dict[str, object]:
    cursor = con.execute(f"FROM mart.{mart} WHERE agency_id = ?", [f"id-{name}"])
    names = [column[0] for column in cursor.description or ()]
    rows = cursor.fetchall()
    assert len(rows) <= 1
    return dict(zip(names, rows[0], strict=True)) if rows else {}


def same(found: object, expected: float | None) -> bool:
    if found is None or expected is None:
        return found is expected
    return math.isclose(float(str(found)), expected, rel_tol=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_every_metric_is_what_the_printed_numbers_make_of_it(con, truths, name: str) -> None:
    edition, numbers = truths[name]
    wide = find_row(con, "proactive_year", name) | find_row(con, "agency_year", name)
    held = dict(
        con.execute("SELECT column_name, value FROM mart.metric WHERE agency_id = ?", [f"id-{name}"]).fetchall()
    )
    if edition == "ED_2014":
        expected = work_out_form_of_2014(numbers)
        statistics = find_row(con, "statistic_year", name)
        for column, value in work_out_statistics(numbers).items():
            assert same(statistics[column], value), column
        assert {value for column, value in wide.items() if column.endswith("_rate")} == {None}
    else:
        expected = work_out_later_form(numbers)
        for column, value in expected.items():
            assert same(wide.get(column), value), column
        del expected["applicant_received_hhi"]
    assert held.keys() == {column for column, value in expected.items() if value is not None}
    for column, value in held.items():
        assert same(value, expected[column]), column


@pytest.mark.parametrize("name", NAMES)
def test_reasons_applicants_and_channels_are_those_printed(con, truths, name: str) -> None:
    edition, at = truths[name]
    reasons = con.execute(
        "SELECT outcome_code, reason_over_disposed_rate, reason_over_group_rate FROM mart.request_reason "
        "WHERE agency_id = ?",
        [f"id-{name}"],
    ).fetchall()
    groups = [DENIED, UNAVAILABLE, UNPROCESSED, OTHER]
    for code, of_all, of_group in reasons:
        number = at.get(f"requests.{code}.total")
        assert same(of_all, divide(number, at.get("requests.total_disposed.total"))), code
        for group in groups:
            if code in group and group is not OTHER:
                assert same(of_group, divide(number, add(*(at.get(f"requests.{c}.total") for c in group)))), code
    mix = con.execute(
        "SELECT applicant_code, request_received_count, received_over_all_kinds_rate, disclosed_over_disposed_rate "
        "FROM mart.applicant_mix WHERE agency_id = ?",
        [f"id-{name}"],
    ).fetchall()
    whole = add(*(at.get(f"requests.new_received.{kind}") for kind in KINDS))
    assert {row[0] for row in mix} == (set() if edition == "ED_2014" else set(KINDS))
    for kind, received, share, disclosed in mix:
        assert received == at.get(f"requests.new_received.{kind}")
        assert same(share, divide(at.get(f"requests.new_received.{kind}"), whole))
        both = add(at.get(f"requests.granted.{kind}"), at.get(f"requests.granted_partial.{kind}"))
        assert same(disclosed, divide(both, at.get(f"requests.total_disposed.{kind}")))
    for channel, corrected, merits, over_total, pending in con.execute(
        "SELECT channel_code, corrected_over_closed_rate, corrected_over_merits_rate, corrected_over_total_rate, "
        "pending_over_total_rate FROM mart.dispute_year WHERE agency_id = ?",
        [f"id-{name}"],
    ).fetchall():
        upheld, turned, other, waiting, total = (
            at.get(f"disputes.{channel}.{o}") for o in ("upheld", "corrected", "other", "pending", "total")
        )
        assert same(corrected, divide(turned, add(upheld, turned, other)))
        assert same(merits, divide(turned, add(upheld, turned)))
        assert same(over_total, divide(turned, total))
        assert same(pending, divide(waiting, total))


def test_something_is_compared(con, truths) -> None:
    assert {edition for edition, _ in truths.values()} == {"ED_2021", "ED_2019", "ED_2014"}
    names = {row[0] for row in con.execute("SELECT DISTINCT column_name FROM mart.metric").fetchall()}
    year_on_year = {"request_received_change_over_previous_rate"}
    assert names == {*work_out_later_form({}), *year_on_year} - {"applicant_received_hhi"} - year_on_year


def test_every_rate_is_its_formula(con) -> None:
    for mart in load_marts().values():
        for column in mart.columns:
            if column.formula and column.type == "double":
                numerator, _, denominator = column.formula.rpartition(" / ")
                assert set(re.findall("[a-z_]+", column.formula)) <= {other.name for other in mart.columns}
                as_double = [re.sub("([a-z_]+)", r"\1::DOUBLE", part) for part in (numerator, denominator)]
                differing = con.execute(
                    f"SELECT {column.name} AS held, ({as_double[0]}) / nullif({as_double[1]}, 0) AS worked_out "
                    f"FROM {mart.name} WHERE (held IS NULL) <> (worked_out IS NULL) "
                    "OR abs(held - worked_out) > 1e-12 * abs(worked_out)"
                ).fetchall()
                assert differing == [], f"{mart.name}.{column.name}"


@pytest.mark.skipif(not SHARED_TABLES, reason=f"the published reports are not in {SHARED}")
def test_what_is_read_from_published_reports_gives_the_same_metrics_or_none(
    truths, tmp_path, module_build, module_report
) -> None:
    read = {}
    for path in sorted([*SHARED.glob("reports/docs/*"), *SHARED.glob("seeds/*.txt")]):
        if path.stem in truths:
            content = path.read_bytes()
            try:
                cells = complete_cells(read_report(read_document(content, sniff_media_type(content)))).readings
            except DocumentRefused:
                continue
            read[path.stem] = {c.code: c.value for c in cells.values() if c.state != "absent"}
    paths = module_build(
        tmp_path, [truth_rows(module_report, name, truths[name][0], numbers) for name, numbers in read.items()]
    )
    with reopen_build(paths) as con:
        found = con.execute("SELECT agency_id, column_name, value FROM mart.metric").fetchall()
    work_out = {"ED_2014": work_out_form_of_2014}
    expected = {name: work_out.get(truths[name][0], work_out_later_form)(truths[name][1]) for name in read}
    wrong = [row for row in found if not same(row[2], expected[row[0].removeprefix("id-")][row[1]])]
    assert wrong == []
    assert len(found) > 100


def test_metrics_are_numbered_without_a_gap_and_say_why_they_are_not_computed() -> None:
    metrics = load_metrics()
    assert {int(metric.code[1:3]) for metric in metrics} == set(range(1, 28))
    assert len({metric.code for metric in metrics}) == len(metrics)
    assert {metric.code for metric in metrics if not metric.columns} == {"M10", "M20"}
    assert all(metric.note_zh and metric.note_en for metric in metrics if not metric.columns)
    editions = {edition.code for edition in load_editions()}
    for metric in metrics:
        for held in metric.columns:
            assert set(held.comparability) <= editions
            assert set(held.comparability.values()) <= {"same", "approx", "bridge"}
