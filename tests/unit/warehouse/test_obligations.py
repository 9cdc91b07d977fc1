"""core.obligation, mart.coverage and mart.chase_list: a county with every way of publishing, or not, in one year."""

from __future__ import annotations

import datetime as dt

import pytest

from pipeline.warehouse.build import reopen_build

YEAR = 2023
# Captured on 2026-01-02: reports of 2024 are overdue, those of 2025 not due before 31 January or 31 March
PUBLISHED = {
    "甲局": dt.date(2024, 1, 31),
    "乙局": dt.date(2024, 2, 3),
    "丙局": dt.date(2025, 6, 1),
    "丁局": None,
    "戊局": dt.date(2023, 12, 19),
}


def published(make_report, name: str, year: int, day: dt.date | None, kind: str = "department"):
    rows = make_report(name, year, {})
    rows["core.agency"][0] |= {"organ_kind_code": kind}
    rows["core.report"][0] |= {"published_date": day}
    return rows


def government(agency_id: str, name: str, region: str, level: str, kind: str, last_year: int | None = None):
    return {
        "agency_id": agency_id,
        "agency_name": name,
        "organ_kind_code": kind,
        "region_code": region,
        "region_path_text": name,
        "division_level": level,
        "valid_from_year": None,
        "valid_to_year": last_year,
    }


@pytest.fixture
def owed(paths, make_report, build_stages):
    reports = [published(make_report, name, YEAR, day) for name, day in PUBLISHED.items()]
    announced = published(make_report, "己局", 2022, dt.date(2023, 1, 9))
    page = make_report("某页", YEAR, {})
    page = {table: page[table] for table in ("raw.capture", "raw.document", "core.reading")}
    page["core.reading"][0] |= {
        "reading_outcome": "rejected",
        "reject_reason_code": "report_in_attachment",
        "title_text": "己局2023年政府信息公开工作年度报告",
    }
    unsettled = published(make_report, "城关镇人民政府", YEAR, None, "township_government")
    unsettled["core.agency"][0] |= {"identity_basis_code": "provisional", "region_code": None}
    reports[0]["core.expected_organ"] = [
        government("g-county", "某县人民政府", "990101", "county", "government"),
        government("g-town", "某县某镇人民政府", "990101101", "township", "township_government"),
        government("g-gone", "某县旧乡人民政府", "990101201", "township", "township_government", 2022),
        government("g-elsewhere", "别县人民政府", "990202", "county", "government"),
    ]
    build_stages([*reports, announced, page, unsettled])
    with reopen_build(paths) as con:
        yield con


def statuses(con, year: int) -> dict[str, str]:
    rows = con.execute(
        "SELECT agency_name, obligation_status_code FROM core.obligation WHERE report_year = ?", [year]
    ).fetchall()
    return dict(rows)


def test_each_way_of_publishing_is_told_apart(owed) -> None:
    assert statuses(owed, YEAR) == {
        "甲局": "on_time",
        "乙局": "late",
        "丙局": "after_close",
        "丁局": "date_unknown",
        "戊局": "date_unknown",
        "己局": "unreadable",
        "某县人民政府": "not_found",
        "某县某镇人民政府": "not_found",
    }


def test_what_is_not_due_is_not_missing(owed) -> None:
    assert set(statuses(owed, 2025).values()) == {"not_due"}
    assert statuses(owed, 2024)["甲局"] == "not_found"
    assert "某县旧乡人民政府" in statuses(owed, 2022)


def test_deadlines_follow_the_kind_of_organ_and_the_regulation_of_the_time(owed) -> None:
    rows = owed.execute(
        "SELECT DISTINCT organ_kind_code, deadline_date, deadline_basis_code FROM core.obligation "
        "WHERE report_year = ? ORDER BY ALL",
        [YEAR],
    ).fetchall()
    assert rows == [
        ("department", dt.date(2024, 1, 31), "statute"),
        ("government", dt.date(2024, 3, 31), "statute"),
        ("township_government", dt.date(2024, 3, 31), "assumed"),
    ]


def test_days_late_count_from_the_day_after_the_deadline(owed) -> None:
    rows = owed.execute(
        "SELECT agency_name, days_late_count FROM core.obligation WHERE report_year = ? AND report_id IS NOT NULL",
        [YEAR],
    ).fetchall()
    assert dict(rows) == {"甲局": 0, "乙局": 3, "丙局": 487, "丁局": None, "戊局": None}


def test_coverage_counts_each_region_once_with_all_below_it(owed) -> None:
    rows = owed.execute(
        "SELECT region_code, division_level, expected_count, published_count, on_time_count, late_count, "
        "not_found_count, unreadable_count, published_over_due_rate, on_time_over_dated_rate "
        "FROM mart.coverage WHERE report_year = ? ORDER BY ALL",
        [YEAR],
    ).fetchall()
    everything = (8, 5, 1, 1, 2, 1, 5 / 8, 1 / 3)
    assert [row for row in rows if row[1] == "all"] == [
        (region, "all", *everything) for region in ("000000", "990000", "990100", "990101")
    ]
    assert ("990101", "township", 1, 0, 0, 0, 1, 0, 0.0, None) in rows


def test_the_chase_list_says_who_where_and_how_late(owed) -> None:
    rows = owed.execute(
        "SELECT agency_name, obligation_status_code, days_late_count, last_seen_origin_text FROM mart.chase_list "
        "WHERE report_year = ? ORDER BY 1",
        [YEAR],
    ).fetchall()
    assert rows == [
        ("丙局", "after_close", 487, "inbox/丙局-2023.html"),
        ("乙局", "late", 3, "inbox/乙局-2023.html"),
        ("己局", "unreadable", None, "inbox/己局-2022.html"),
        ("某县人民政府", "not_found", None, None),
        ("某县某镇人民政府", "not_found", None, None),
    ]


def source_of(agency_id: str, source_id: str, region: str) -> dict[str, object]:
    return {
        "source_id": source_id,
        "source_organ_name": "x",
        "agency_id": agency_id,
        "region_code": region,
        "division_level": "county",
        "column_url_text": "https://a.gov.cn/nb/",
        "family_code": "auto",
        "source_role_code": "list",
        "expected_from_year": None,
        "last_verified_date": None,
        "is_enabled": True,
        "source_note_text": None,
    }


def visit(source_id: str, outcome: str, hour: int) -> dict[str, object]:
    """An attempt at a source that brought nothing."""
    moment = dt.datetime(2026, 1, 2, hour, tzinfo=dt.UTC)
    return {
        "capture_id": f"v{source_id}{hour}",
        "document_id": None,
        "sha256": None,
        "origin_text": "https://a.gov.cn/nb/",
        "captured_at": moment,
        "media_type": None,
        "byte_count": None,
        "fetch_outcome_code": outcome,
        "parent_capture_id": None,
        "final_url_text": None,
        "http_status": None,
        "declared_media_type_text": None,
        "etag_text": None,
        "last_modified_text": None,
        "source_id": source_id,
        "request_role_code": "list",
        "request_form_text": None,
        "change_code": None,
        "tls_mode_code": None,
        "elapsed_ms": None,
        "fetch_message_text": None,
    }


@pytest.mark.parametrize(
    ("visits", "expected"),
    [
        ([("county-nb", "challenge_jsl")], ("blocked", "blocked")),
        ([("county-nb", "dns"), ("county-nb", "robots")], ("blocked", "blocked")),
        ([("county-nb", "challenge_jsl"), ("county-nb", "gone")], ("not_found", "not_found")),
        # The township has a column of its own, and that one answers
        ([("county-nb", "waf_403"), ("town-nb", "gone")], ("blocked", "not_found")),
        # A township's column says nothing about the county
        ([("town-nb", "captcha")], ("not_found", "blocked")),
        ([], ("not_found", "not_found")),
    ],
)
def test_what_a_closed_site_may_hold_is_blocked_and_not_missing(
    paths, make_report, build_stages, visits: list[tuple[str, str]], expected: tuple[str, str]
) -> None:
    report = published(make_report, "甲局", YEAR, dt.date(2024, 1, 31))
    report["core.expected_organ"] = [
        government("g-county", "某县人民政府", "990101", "county", "government"),
        government("g-town", "某县某镇人民政府", "990101101", "township", "township_government"),
    ]
    report["core.source"] = [
        source_of("g-county", "county-nb", "990101"),
        source_of("g-town", "town-nb", "990101101"),
    ]
    report["raw.capture"] += [visit(source, outcome, hour) for hour, (source, outcome) in enumerate(visits)]
    build_stages([report])
    with reopen_build(paths) as con:
        found = statuses(con, YEAR)
        assert (found["某县人民政府"], found["某县某镇人民政府"]) == expected
        assert found["甲局"] == "on_time"
        blocked = (
            "SELECT blocked_count FROM mart.coverage "
            "WHERE region_code = '990101' AND division_level = 'all' AND report_year = ?"
        )
        assert con.execute(blocked, [YEAR]).fetchall() == [(expected.count("blocked"),)]
        chased = con.execute(
            "SELECT obligation_status_code FROM mart.chase_list WHERE report_year = ?", [YEAR]
        ).fetchall()
        assert sorted(row[0] for row in chased) == sorted(expected)


def test_every_obligation_and_every_report_is_a_year_of_its_agency(owed) -> None:
    rows = owed.execute(
        "SELECT agency_name, is_expected, has_report, obligation_status_code, request_received_count "
        "FROM mart.agency_year WHERE report_year = ?",
        [YEAR],
    ).fetchall()
    found = {name: row for name, *row in rows}
    assert len(found) == len(rows)
    assert found["甲局"] == [True, True, "on_time", 0]
    assert found["己局"] == [True, False, "unreadable", None]
    assert found["某县某镇人民政府"] == [True, False, "not_found", None]
    assert found["城关镇人民政府"] == [False, True, "not_expected", 0]
    assert {name for name, row in found.items() if row[0]} == set(statuses(owed, YEAR))


def test_a_region_without_any_report_is_a_row_too(owed) -> None:
    rows = owed.execute(
        "SELECT scope_code, expected_count, due_count, report_count, request_received_count, published_over_due_rate "
        "FROM mart.region_year WHERE report_year = 2025 AND region_code = '990101'"
    ).fetchall()
    assert rows == [("all", 8, 0, 0, None, None)]
