"""Nights over a few documents, as over a nation's: judged cell by cell, timed by step, remembered."""

from __future__ import annotations

import json
import os
import shutil

import duckdb
import pytest
from click.testing import CliRunner
from rich.console import Console

from bench import __main__ as cli
from bench.nation import documents, measure
from bench.nation.growth import describe_growth, fit_exponent, list_costs
from bench.nation.judge import count_verdicts, judge_warehouse
from bench.nation.measure import NIGHTS, NationSettings, list_changed_slots, list_sizes, measure_nation
from bench.nation.night import TIMED_PARTS
from bench.nation.page import format_nation, format_questions
from bench.nation.watching import Sample, cpu_between, peak_between, take_sample

SETTINGS = NationSettings(reports_per_year=60, seed=3, is_quick=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("nation")


@pytest.fixture(scope="module")
def measured(folder):
    with pytest.MonkeyPatch.context() as patch:
        # Neither is to be installed for this
        patch.setattr(measure, "list_skipped_formats", dict)
        patch.setattr(measure, "CHANGED_EVERY", 20)
        patch.setattr(documents, "find_producer", lambda producer: None)
        return measure_nation(SETTINGS, folder, Console(quiet=True))


def test_nothing_is_published_that_is_not_printed(measured) -> None:
    (one,) = measured["sizes"]
    assert list(one["verdicts"]) == list(NIGHTS)
    for counts in one["verdicts"].values():
        assert counts["wrong"] == counts["invented"] == 0
        assert counts["right"] > 8_000
    assert one["judged"]["misreadings"] == []
    assert one["judged"]["identities"]["wrong"] == one["judged"]["identities"]["wrong_year"] == 0


def test_only_what_changed_is_new(measured) -> None:
    (one,) = measured["sizes"]
    first, same, changed = one["nights"].values()
    assert first["build_id"] == same["build_id"] != changed["build_id"]
    assert one["verdicts"][NIGHTS[0]] == one["verdicts"][NIGHTS[1]]
    assert one["changed_documents"] > 0
    assert one["verdicts"][NIGHTS[2]]["right"] > one["verdicts"][NIGHTS[0]]["right"]


def test_every_step_is_timed_and_watched(measured) -> None:
    for night in measured["sizes"][0]["nights"].values():
        assert set(night["steps"]) > {"raw__capture", "raw__document", "mart", "warehouse__published", *TIMED_PARTS}
        for name, step in night["steps"].items():
            assert 0 <= step["seconds"] <= night["seconds"], name
            assert 0 < step["peak_mebibytes"] <= night["peak_mebibytes"], name
        assert not night["failed_steps"]


def test_limits_questions_and_bytes_are_measured(measured) -> None:
    (one,) = measured["sizes"]
    assert {"page", "word", "pdf", "docx"} <= one["limits"]["formats"].keys()
    for each in one["limits"]["formats"].values():
        assert each["raw_ms"] is None or each["read_ms"] > each["raw_ms"] > 0
    assert one["limits"]["scans"]["files"] > 0
    assert len(one["questions"]) > 20
    assert one["bytes"]["blobs"] > 0


def test_what_was_measured_is_not_measured_again(measured, folder, monkeypatch) -> None:
    monkeypatch.setattr(measure, "run_night", None)
    monkeypatch.setattr(measure, "list_skipped_formats", dict)
    again = measure_nation(SETTINGS, folder, Console(quiet=True))
    assert again["sizes"] == json.loads(json.dumps(measured["sizes"]))


def test_a_night_that_was_interrupted_begins_with_the_first(tmp_path) -> None:
    place = measure._Place(tmp_path)
    place.paths.blobs.mkdir(parents=True)
    for name in ("documents", "first"):
        place.remember(name, dict)
    place.running.touch()
    place.forget_nights()
    assert {path.name for path in tmp_path.iterdir()} == {"documents.figures.json"}


def test_a_wrong_an_invented_and_a_missed_number_are_told_apart(measured, folder, tmp_path) -> None:
    (size_folder,) = folder.iterdir()
    published = tmp_path / "changed.duckdb"
    shutil.copy(size_folder / "data" / "warehouse" / "touming.duckdb", published)
    before = judge_warehouse(published, [size_folder / "truth"], tmp_path)
    with duckdb.connect(str(published)) as con:
        ((report,),) = con.execute(
            "SELECT report_id FROM core.cell GROUP BY report_id HAVING count(value) = 200 ORDER BY report_id LIMIT 1"
        ).fetchall()
        for cell, change in (
            ("granted", "value = value + 1"),
            ("carried_in", "value = NULL"),
            ("carried_out", "cell_code = 'requests.no_such.total'"),
        ):
            cell_code = f"requests.{cell}.total"
            con.execute(f"UPDATE core.cell SET {change} WHERE report_id = ? AND cell_code = ?", [report, cell_code])
    after = judge_warehouse(published, [size_folder / "truth"], tmp_path)
    old, new = count_verdicts(before), count_verdicts(after)
    assert {name: new[name] - old[name] for name in old} == {
        "right": -3,
        "wrong": 1,
        "invented": 1,
        "missed": 2,
        "withheld": 0,
        "unread": 0,
    }
    assert {each["verdict"] for each in after["misreadings"]} == {"wrong", "invented"}
    shown = format_nation({**measured, "sizes": [{**measured["sizes"][0], "judged": after}]})
    assert "- wrong: " in shown
    assert "requests.no_such.total printed None" in shown


def test_the_section_shows_verdicts_steps_and_limits(measured) -> None:
    shown = format_nation(measured)
    assert "| 60 | first | " in shown
    assert "| **0** | **0** |" in shown
    assert "| mart: models | " in shown
    assert "| **whole night** | " in shown
    assert "| **mean of all** | " in shown


def test_the_command_stores_figures_and_fails_for_a_number_that_is_not_printed(measured, monkeypatch, tmp_path) -> None:
    stored = tmp_path / "figures.json"
    stored.write_text('{"crawl": {}}', encoding="utf-8")
    monkeypatch.setattr(cli, "measure_nation", lambda settings, folder, console: measured)
    command = ["nation", "--quick", "--folder", str(tmp_path), "--json", str(stored)]
    assert CliRunner().invoke(cli.main, command).exit_code == 0
    figures = json.loads(stored.read_text(encoding="utf-8"))
    assert figures.keys() == {"crawl", "nation"}
    verdicts = {"first": {**measured["sizes"][0]["verdicts"]["first"], "invented": 1}}
    wrong = {**measured, "sizes": [{**measured["sizes"][0], "verdicts": verdicts}]}
    monkeypatch.setattr(cli, "measure_nation", lambda settings, folder, console: wrong)
    ended = CliRunner().invoke(cli.main, command)
    assert ended.exit_code == 1
    assert "published that are not printed, at 60 reports" in ended.output


def test_documents_alone_are_written_by_a_command(tmp_path) -> None:
    ended = CliRunner().invoke(cli.main, ["nation-documents", "--reports", "200000", "--out", str(tmp_path)])
    assert ended.exit_code == 1
    assert "200000 reports a year asked for" in ended.output
    ended = CliRunner().invoke(cli.main, ["nation-documents", "--reports", "5", "--out", str(tmp_path)])
    assert ended.exit_code == 0
    assert len(list((tmp_path / "documents").rglob("*.*"))) >= 4
    assert len(list((tmp_path / "truth").iterdir())) == 2


def test_questions_that_are_not_answered_are_said() -> None:
    shown = format_questions({"quick": 2.0, "slow": 30.4, "stopped: too_long": -1.0})
    assert shown == "2 sample questions: median 16 ms, slowest slow 30, quick 2 ms. Not answered: stopped: too_long.\n"


@pytest.mark.parametrize("exponent", [0.5, 1.0, 1.7])
def test_the_exponent_of_a_power_law_is_found(exponent) -> None:
    points = [(size, 3.0 * size**exponent) for size in (1_000, 10_000, 160_000)]
    assert fit_exponent(points) == pytest.approx(exponent, abs=0.001)


@pytest.mark.parametrize("points", [[], [(10, 1)], [(10, 1), (10, 2)], [(10, 0), (20, 1)]])
def test_too_few_sizes_have_no_exponent(points) -> None:
    assert fit_exponent(points) is None


def test_growth_is_of_every_cost_over_all_sizes_and_between_the_last_two() -> None:
    def night(seconds):
        step = {"seconds": seconds, "cpu_seconds": 1.0, "peak_mebibytes": 1.0}
        return {"seconds": seconds, "cpu_seconds": 2 * seconds, "peak_mebibytes": 100.0, "steps": {"mart": step}}

    sizes = [
        {"documents": count, "nights": {"first": night(seconds)}, "bytes": {"blobs": count}}
        for count, seconds in ((10, 1.0), (100, 1.0), (1_000, 100.0))
    ]
    assert list_costs(sizes[0])["first: CPU seconds"] == 2.0
    growth = describe_growth(sizes)
    assert growth["first: seconds"] == {"all": pytest.approx(1.0), "last": pytest.approx(2.0)}
    assert growth["step mart: seconds"]["last"] == pytest.approx(2.0)
    assert growth["bytes on disk"]["all"] == pytest.approx(1.0)
    assert growth["first: peak MiB"]["all"] == pytest.approx(0.0)


def test_sizes_are_round_ones_up_to_what_is_asked_for() -> None:
    assert list_sizes(NationSettings(160_000)) == [1_000, 10_000, 40_000, 160_000]
    assert list_sizes(NationSettings(10_000)) == [1_000, 10_000]
    assert list_sizes(NationSettings(4_000, years=5)) == [200, 2_000, 4_000]
    assert list_sizes(NationSettings(160_000, is_quick=True)) == [160_000]


def test_reports_that_are_changed_can_be_read() -> None:
    nation = documents.Nation(1_000, 1, 1)
    slots = list_changed_slots(nation)
    assert 5 <= len(slots) <= 10
    assert all(documents.draw_kind(nation, slot)[1] == "" for slot in slots)


def test_a_process_is_watched_with_its_children() -> None:
    sample = take_sample(os.getpid())
    if sample is None:
        pytest.skip("there is no /proc here as Linux has it")
    assert sample.mebibytes > 10
    assert sample.cpu_seconds > 0
    assert take_sample(2**22 + 1) is None


def test_cpu_and_memory_between_moments_are_those_of_the_samples() -> None:
    samples = [Sample(0, 0, 100), Sample(10, 5, 300), Sample(20, 25, 200)]
    assert cpu_between(samples, 5, 15) == pytest.approx(12.5)
    assert cpu_between(samples, 20, 30) == 0
    assert cpu_between([], 0, 1) == 0
    assert peak_between(samples, 12, 30) == 300
    assert peak_between(samples, 21, 30) == 200
    assert peak_between([], 0, 1) == 0
