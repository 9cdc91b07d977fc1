"""The committed samples are exactly what the generator writes."""

from __future__ import annotations

import json

import pytest

from bench.corpus import describe_truth, format_cells, format_truths
from bench.samples import TRUTH_FOLDER, build_samples
from pipeline.paths import REPO_ROOT, DataPaths

SAMPLES = DataPaths(REPO_ROOT / "data").samples
BUILT = {document.name: document for document in build_samples()}


def test_no_sample_is_missing_and_none_is_left_over():
    assert {path.name for path in SAMPLES.iterdir()} == set(BUILT)
    cells = {f"{name}.cells.csv" for name, document in BUILT.items() if document.values}
    assert {path.name for path in TRUTH_FOLDER.iterdir()} == cells | {"truth.json"}


@pytest.mark.parametrize("name", BUILT)
def test_a_committed_sample_is_what_the_generator_writes(name):
    document = BUILT[name]
    assert (SAMPLES / name).read_bytes() == document.content
    if document.values:
        assert (TRUTH_FOLDER / f"{name}.cells.csv").read_text(encoding="utf-8") == format_cells(document.values)


def test_the_committed_truth_is_what_the_generator_writes():
    entries = {name: describe_truth(document) for name, document in BUILT.items()}
    assert (TRUTH_FOLDER / "truth.json").read_text(encoding="utf-8") == format_truths(entries)


def test_samples_cover_every_layout_and_every_way_to_go_wrong():
    layouts = ("plain", "markdown", "lines", "tabs", "page", "word")
    assert all(any(f"-{layout}" in name for name in BUILT) for layout in layouts)
    truth = json.loads((TRUTH_FOLDER / "truth.json").read_text(encoding="utf-8"))
    contradictory = [name for name, entry in truth.items() if entry.get("broken_rules")]
    assert contradictory == ["13-qingshi-2023-page-contradictory.html"]
    assert truth["14-notice-about-reports.html"] == {"outcome": "notice_about_reports", "issues": []}
    assert truth["15-qingshi-2024-tabs-cut-off.txt"]["issues"] == ["cut_off"]


def test_a_corrected_version_differs_in_text_and_not_in_numbers():
    first = BUILT["11-mengjin-office-2022-page.html"]
    second = BUILT["12-mengjin-office-2022-page-corrected.html"]
    assert first.content != second.content
    assert (first.values, first.report.agency_name) == (second.values, second.report.agency_name)


def test_a_cut_off_sample_has_only_rows_printed_whole():
    cut = BUILT["15-qingshi-2024-tabs-cut-off.txt"]
    assert "requests.denied_admin_query.total" in cut.values
    assert not any(code.startswith(("requests.unprocessed_petition", "disputes.")) for code in cut.values)
    assert cut.content.decode().splitlines()[-1].count("\t0") < 7
