from __future__ import annotations

import datetime as dt

import pytest

from pipeline.archive.origins import Origins
from pipeline.facts import stages
from pipeline.facts.encoded import encode_rows
from pipeline.facts.rows import failed_rows
from pipeline.facts.stages import merge_partition, write_batches
from pipeline.issues import Issue, IssueCode
from pipeline.orchestration.core_assets import list_outdated
from pipeline.paths import DataPaths

CAPTURED = dt.datetime(2023, 1, 20, tzinfo=dt.UTC)


def test_years_merged_before_a_change_of_identity_data_are_merged_again(tmp_path, monkeypatch: pytest.MonkeyPatch):
    paths = DataPaths(tmp_path)
    for year in ("2021", "2022"):
        issue = Issue(IssueCode.READER_CRASHED, "ValueError")
        write_batches(paths, [encode_rows([failed_rows(f"d{year}", year, issue, "html/1")])])
        merge_partition(paths, year, {f"d{year}": CAPTURED}, Origins([]))
    years = ["2020", "2021", "2022", "unknown"]
    assert list_outdated(paths, years) == []
    monkeypatch.setattr(stages, "identity_version", lambda: "identity/another")
    assert list_outdated(paths, years) == ["2021", "2022"]
    merge_partition(paths, "2022", {"d2022": CAPTURED}, Origins([]))
    assert list_outdated(paths, years) == ["2021"]
