"""Whose reports are, kept from one merge to the next: only what changed is identified again, and never differently."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from pipeline.agencies.evidence import OPENING, ORIGIN
from pipeline.contract.arrays import ContractError
from pipeline.facts import report_identities
from pipeline.facts.agency_frames import agency_frames
from pipeline.facts.report_identities import (
    identify_reports,
    identities_schema,
    join_identities,
    keep_identities,
    read_identities,
)

REPORTS = {
    "d1": ("洛阳市孟津区财政局", 2022, "洛阳市孟津区财政局2022年政府信息公开工作年度报告"),
    "d2": ("城关镇人民政府", 2022, "城关镇人民政府2022年政府信息公开工作年度报告"),
    "d3": (None, 2021, "2021年政府信息公开工作年度报告"),
    "d4": ("孟津区财政局", 2021, "孟津区财政局2021年政府信息公开工作年度报告"),
}
NOTHING_KEPT = identities_schema().to_frame()
Printed = tuple[str | None, int, str]


@pytest.fixture
def identified(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The reports that were identified, as they are."""
    asked: list[str] = []
    identify = report_identities.identify_organ

    def listen(name, year, report_id, texts, origin):
        asked.append(report_id)
        return identify(name, year, report_id, texts, origin)

    monkeypatch.setattr(report_identities, "identify_organ", listen)
    return asked


def identify(
    kept: pl.DataFrame = NOTHING_KEPT,
    reports: Mapping[str, Printed] = REPORTS,
    evidence: Mapping[str, str] | None = None,
    origins: Mapping[str, str] | None = None,
) -> pl.DataFrame:
    """evidence: what a report's opening says, by report."""
    printed = {
        "report_id": list(reports),
        "agency_name_text": [name for name, _, _ in reports.values()],
        "report_year": [year for _, year, _ in reports.values()],
        "title_text": [title for _, _, title in reports.values()],
    }
    said = [(report_id, OPENING, text) for report_id, text in (evidence or {}).items()]
    return identify_reports(
        pl.DataFrame(printed, schema_overrides={"report_year": pl.Int32}),
        pl.DataFrame(said, schema=["report_id", "evidence_kind_code", "evidence_text"], orient="row"),
        {report_id: {ORIGIN: origin} for report_id, origin in (origins or {}).items()},
        kept,
    )


def test_nothing_is_identified_twice(identified) -> None:
    first = identify()
    assert sorted(identified) == sorted(REPORTS)
    identified.clear()
    assert_frame_equal(identify(first), first)
    assert identified == []


@pytest.mark.parametrize(
    ("changed", "again"),
    [
        ({"reports": {**REPORTS, "d2": ("朝阳镇人民政府", 2022, REPORTS["d2"][2])}}, ["d2"]),
        ({"reports": {**REPORTS, "d2": (REPORTS["d2"][0], 2020, REPORTS["d2"][2])}}, ["d2"]),
        ({"reports": {**REPORTS, "d3": (None, 2021, "孟津区2021年政府信息公开工作年度报告")}}, ["d3"]),
        ({"reports": {**REPORTS, "d5": REPORTS["d2"]}}, ["d5"]),
        ({"evidence": {"d2": "河南省洛阳市孟津区城关镇人民政府"}}, ["d2"]),
        ({"origins": {"d2": "洛阳市/孟津区/城关镇.html"}}, ["d2"]),
    ],
    ids=["name", "year", "title", "new", "evidence", "origin"],
)
def test_what_changed_is_identified_again_and_as_if_nothing_had_been_kept(identified, changed, again) -> None:
    first = identify()
    identified.clear()
    second = identify(first, **changed)
    assert identified == again
    assert_frame_equal(second, identify(**changed))
    assert not second.equals(first)


def test_evidence_that_is_gone_counts_no_longer(identified) -> None:
    with_evidence = identify(evidence={"d2": "河南省洛阳市孟津区城关镇人民政府"})
    identified.clear()
    assert_frame_equal(identify(with_evidence), identify())
    assert identified[0] == "d2"


def test_a_report_that_is_gone_leaves_nothing() -> None:
    left = {report_id: printed for report_id, printed in REPORTS.items() if report_id != "d1"}
    assert identify(identify(), left)["report_id"].to_list() == sorted(left)


def test_another_version_of_identifying_identifies_all_again(identified, monkeypatch) -> None:
    first = identify()
    identified.clear()
    monkeypatch.setattr(report_identities, "identity_version", lambda: "identity/another")
    identify(first)
    assert sorted(identified) == sorted(REPORTS)


def test_what_is_kept_comes_back_as_it_was(tmp_path: Path) -> None:
    identities = join_identities([identify()])
    keep_identities(tmp_path, identities)
    assert_frame_equal(read_identities(tmp_path), identities)
    lineage = agency_frames(identities)["core.agency_lineage"]
    assert "cn-410322-finance" in lineage["predecessor_agency_id"].to_list()
    assert agency_frames(read_identities(tmp_path))["core.agency_lineage"].equals(lineage)


@pytest.mark.parametrize("content", ["nothing", "noise", "another shape"])
def test_what_cannot_be_used_is_as_nothing(tmp_path: Path, content: str) -> None:
    path = tmp_path / report_identities.IDENTITIES_FILE
    if content == "noise":
        path.write_bytes(b"no Parquet at all")
    elif content == "another shape":
        identify().drop("scope_code").write_parquet(path)
    assert_frame_equal(read_identities(tmp_path), NOTHING_KEPT)


@pytest.mark.parametrize(("column", "value"), [("identity_basis_code", "guessed"), ("agency_name", None)])
def test_what_was_kept_has_to_keep_the_contract_too(column: str, value: str | None) -> None:
    broken = identify().with_columns(pl.lit(value, dtype=pl.String).alias(column))
    with pytest.raises(ContractError, match=f"core.agency.*{column}"):
        agency_frames(broken)


def test_an_agency_is_called_what_most_of_its_reports_call_it_whatever_their_order() -> None:
    forms = {f"d{number}": REPORTS["d1"] for number in (1, 2)} | {"d3": ("孟津区财政局", 2020, "t")}
    identities = identify(reports=forms)
    assert identities["agency_id"].n_unique() == 1
    agency = agency_frames(identities)["core.agency"]
    assert agency.select("first_report_year", "last_report_year").rows() == [(2020, 2022)]
    assert agency["agency_name"].to_list() == ["洛阳市孟津区财政局"]
    assert_frame_equal(agency_frames(identities.reverse())["core.agency"], agency)
    names = agency_frames(identities)["core.agency_name"]
    assert names.select("agency_name_text", "report_count").rows() == [("孟津区财政局", 1), ("洛阳市孟津区财政局", 2)]
