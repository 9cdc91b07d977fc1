"""A nation's documents: real agencies, shares as the file says, the same bytes however they are made, true truths."""

from __future__ import annotations

import random
from collections import Counter

import polars as pl
import pytest

from bench.accuracy import compare_cells
from bench.nation import documents, write
from bench.nation.agencies import draw_agencies, load_nation
from bench.nation.documents import Nation, build_documents, draw_kind, find_agency, list_skipped_formats
from bench.nation.pages import draw_wrong_page
from bench.nation.write import write_batch, write_nation
from pipeline.archive.sniff import sniff_media_type
from pipeline.contract.divisions import load_gazetteer
from pipeline.issues import IssueCode
from pipeline.orchestration.reading import read_content

NATION = Nation(reports_per_year=300, years=2, seed=5)


@pytest.fixture(scope="module")
def built():
    return build_documents(NATION, range(150))


@pytest.fixture(autouse=True, scope="module")
def _without_other_programs():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(documents, "find_producer", lambda producer: None)
        yield


def test_there_are_as_many_agencies_as_report_and_no_two_are_one() -> None:
    agencies = draw_agencies(5)
    assert 150_000 < len(agencies) < 180_000
    assert len({agency.full_name for agency in agencies}) == len(agencies)
    assert {agency.level for agency in agencies[:100]} >= {"county", "township", "prefecture"}


def test_agencies_are_of_divisions_that_stand_and_publish_by_themselves() -> None:
    gazetteer = load_gazetteer()
    for agency in draw_agencies(5)[:300]:
        division = gazetteer.by_code(agency.region_code)
        assert division is not None
        assert division.valid_to is None
        assert division.name in agency.printed_name
        assert agency.full_name.endswith(agency.printed_name)
        assert agency.region_code[:2] not in load_nation()["other_provinces"]


def test_another_seed_draws_others() -> None:
    assert draw_agencies(5)[:20] != draw_agencies(6)[:20]


def test_shares_are_those_of_the_file() -> None:
    nation = load_nation()
    many = Nation(10_000, 1, 1)
    kinds = [draw_kind(many, slot) for slot in range(10_000)]
    formats, faults = (Counter(column) for column in zip(*kinds, strict=True))
    assert sum(nation["formats"].values()) == nation["formats_in"]
    for name, share in nation["formats"].items():
        assert formats[name] / 10_000 == pytest.approx(share / nation["formats_in"], rel=0.4)
    assert faults[""] == pytest.approx(10_000 - sum(nation["faults"].values()), rel=0.03)


def test_slots_are_the_years_of_one_agency_after_the_other() -> None:
    agency, year = find_agency(NATION, 6)
    assert (agency, year) == (draw_agencies(5)[3], 2024)
    assert find_agency(NATION, 7) == (agency, 2025)


def test_what_a_slot_comes_to_does_not_depend_on_the_others(built) -> None:
    alone = [each for slot in (7, 8, 93) for each in build_documents(NATION, [slot])]
    wanted = [each for each in built if each.path.split("/")[1][:7] in ("0000007", "0000008", "0000093")]
    assert alone == wanted


def test_everything_is_read_as_printed_or_refused(built) -> None:
    kinds: Counter[str] = Counter()
    for each in built:
        report = read_content(each.content, sniff_media_type(each.content)).report
        right, faults = compare_cells(each.path, each.values, report.cells)
        kinds += Counter(fault.kind for fault in faults)
        kinds["right"] += right
        assert each.is_report or not report.is_report
        if each.is_readable and report.is_report:
            assert report.report_year == each.report_year
            # A scan's title may not be recognised, where scans are; the report then says that nobody is named
            is_unnamed = IssueCode.AGENCY_UNNAMED in {issue.code for issue in report.issues}
            assert not is_unnamed or each.format_name == "scan"
            assert report.agency_name == ("" if is_unnamed else each.agency.printed_name)
    assert (kinds["wrong"], kinds["invented"]) == (0, 0)
    assert kinds["right"] > 20_000


def test_no_wrong_page_passes_for_a_report() -> None:
    agency, year = find_agency(NATION, 0)
    for seed in range(12):
        page = draw_wrong_page(agency, year, random.Random(seed))
        assert not read_content(page, sniff_media_type(page)).report.is_report


@pytest.mark.parametrize("fault", list(load_nation()["faults"]))
@pytest.mark.parametrize("format_name", ["page", "text_page", "word_light", "pdf", "docx"])
def test_every_fault_can_be_drawn_in_every_format_and_none_is_read_wrong(monkeypatch, fault, format_name) -> None:
    monkeypatch.setattr(documents, "draw_kind", lambda nation, slot: (format_name, fault))
    for slot in range(3):
        drawn = build_documents(NATION, [slot])
        assert len(drawn) == (2 if fault in ("duplicate", "mirror", "revised") else 1)
        for each in drawn:
            report = read_content(each.content, sniff_media_type(each.content)).report
            _, faults = compare_cells(each.path, each.values, report.cells)
            assert {found.kind for found in faults} <= {"missed"}


def test_the_second_document_is_what_its_fault_says(monkeypatch) -> None:
    drawn = {}
    for fault in ("duplicate", "mirror", "revised"):
        monkeypatch.setattr(documents, "draw_kind", lambda nation, slot, fault=fault: ("word", fault))
        drawn[fault] = build_documents(NATION, [4])
    first, second = drawn["duplicate"]
    assert first.content == second.content
    assert first.path != second.path
    first, second = drawn["mirror"]
    assert (first.format_name, second.format_name) == ("word", "docx")
    assert first.values == second.values
    first, second = drawn["revised"]
    assert [code for code in first.values if first.values[code] != second.values[code]] == [
        "proactive.licensing.decisions"
    ]


def test_a_revised_report_stands_at_the_same_address_and_says_another_number() -> None:
    slot = next(s for s in range(50) if draw_kind(NATION, s) == ("page", ""))
    (before,), (after,) = build_documents(NATION, [slot]), build_documents(NATION, [slot], is_revised=True)
    assert before.path == after.path
    assert before.content != after.content
    changed = [code for code in before.values if before.values[code] != after.values[code]]
    assert changed == ["proactive.licensing.decisions"]


def test_what_cannot_be_made_is_left_out_and_said() -> None:
    slots = [slot for slot in range(600) if draw_kind(NATION, slot)[0] in ("doc", "wps")]
    assert len(slots) > 5
    made = build_documents(NATION, slots)
    assert {(each.format_name, each.is_report) for each in made} <= {("page", False), ("docx", True), ("page", True)}
    assert len(made) < len(slots)
    assert "libreoffice" in list_skipped_formats()["doc"]


def test_the_files_are_the_same_however_many_batches_they_are_written_in(tmp_path, monkeypatch) -> None:
    small = Nation(40, 1, 5)
    write_batch(small, tmp_path / "one", range(40), False)
    for slots in (range(25), range(25, 40)):
        write_batch(small, tmp_path / "two", slots, False)
    written = [
        {p.relative_to(root): p.read_bytes() for p in sorted((root / "documents").rglob("*")) if p.is_file()}
        for root in (tmp_path / "one", tmp_path / "two")
    ]
    assert written[0] == written[1]
    assert len(written[0]) >= 35
    truths = [pl.read_parquet(tmp_path / name / "truth" / "cells-*.parquet") for name in ("one", "two")]
    assert truths[0].sort(pl.all()).equals(truths[1].sort(pl.all()))


def test_batches_that_are_done_are_not_made_again(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(write, "SLOTS_PER_BATCH", 10)
    small = Nation(20, 1, 5)
    for start in (0, 10):
        write_batch(small, tmp_path, range(start, start + 10), False)
    before = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*")}
    assert list(write_nation(small, tmp_path)) == [20]
    assert {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*")} == before


def test_truth_lists_every_document_and_its_cells(tmp_path) -> None:
    write_batch(Nation(30, 1, 5), tmp_path, range(30), False)
    listed = pl.read_parquet(tmp_path / "truth" / "documents-*.parquet")
    files = {p.relative_to(tmp_path / "documents").as_posix() for p in (tmp_path / "documents").rglob("*.*")}
    assert set(listed["path"]) == files
    cells = pl.read_parquet(tmp_path / "truth" / "cells-*.parquet")
    assert set(cells["document_id"]) == set(listed.filter(pl.col("is_report"))["document_id"])


@pytest.mark.parametrize(("reports", "years"), [(200_000, 1), (10, 6), (10, 0)])
def test_more_than_there_is_cannot_be_asked_for(reports, years) -> None:
    with pytest.raises(ValueError, match="asked for"):
        Nation(reports, years, 1)
