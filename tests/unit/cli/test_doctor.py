from __future__ import annotations

import json

from pipeline.cli import examinations


def test_json_has_a_level_for_everything(run):
    found = {e["name"]: e for e in json.loads(run("doctor", "--json").stdout)}
    assert {
        "python",
        "packages",
        "disk",
        "raw",
        "warehouse",
        "dagster_home",
        "libreoffice",
        "fonts",
        "recognition",
    } <= set(found)
    assert {e["level"] for e in found.values()} <= {"green", "amber", "red"}
    assert found["warehouse"]["level"] == "amber"
    assert all(e["next_step"] for e in found.values() if e["level"] != "green")


def test_unreadable_warehouse_is_five(run, data):
    data.published.parent.mkdir(parents=True)
    data.published.write_bytes(b"no database at all")
    result = run("doctor")
    assert result.exit_code == 5
    assert "warehouse" in result.stdout


def test_examination_that_breaks_is_red_and_the_others_go_on(data, monkeypatch):
    def _examine_moon(paths):
        raise RuntimeError("too far away")

    monkeypatch.setattr(examinations, "_EXAMINATIONS", (_examine_moon, examinations._examine_python))
    moon, python = examinations.examine(data)
    assert (moon.name, moon.level, moon.found) == ("moon", "red", "RuntimeError: too far away")
    assert python.level == "green"


def test_missing_optional_package_says_what_it_costs(data, monkeypatch):
    monkeypatch.setattr(examinations.shutil, "which", lambda name: None)
    result = examinations._examine_libreoffice(data)
    assert result.level == "amber"
    assert ".doc" in result.next_step
