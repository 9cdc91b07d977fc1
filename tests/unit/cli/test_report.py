from __future__ import annotations

import hashlib
import json

import pytest

from pipeline.contract.editions import edition_by_code


def test_json_is_one_object_with_every_cell(run, sample):
    result = run("report", str(sample), "--json")
    assert result.exit_code == 0
    assert result.stderr == ""
    found = json.loads(result.stdout)
    assert found["is_report"] is True
    assert found["report_year"] == 2022
    assert found["document"]["sha256"] == hashlib.sha256(sample.read_bytes()).hexdigest()
    assert {cell["code"] for cell in found["cells"]} == {
        cell.code for cell in edition_by_code(found["edition"]).cells()
    }
    licensing = next(cell for cell in found["cells"] if cell["code"] == "proactive.licensing.decisions")
    assert licensing["value"] == "5069"
    assert found["region"]["code"]
    assert found["recall"] == {"printed": 200, "read": 200}


def test_stdin_is_read_like_a_file(run, sample):
    by_name = run("report", str(sample), "--json").stdout
    assert run("report", "-", "--json", stdin=sample.read_bytes()).stdout == by_name


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty_file"),
        (b"GIF89a" + bytes(64), "media_unsupported"),
        (b"<html><body><p>opening hours</p></body></html>", "not_a_report"),
    ],
)
def test_refused_document_is_still_one_json_object(run, content, reason):
    result = run("report", "-", "--json", stdin=content)
    assert result.exit_code == 4
    found = json.loads(result.stdout)
    assert (found["is_report"], found["reject_reason"], found["cells"]) == (False, reason, [])
    assert found["region"] == {"code": None, "path": None, "method": None, "candidates": []}
    assert found["recall"] == {"printed": None, "read": None}


def test_unreadable_path_prints_no_json(run, tmp_path):
    for path in (tmp_path / "nothing-here.html", tmp_path):
        result = run("report", str(path), "--json")
        assert result.exit_code == 2
        assert result.stdout == ""
        assert "error [path_unreadable]" in result.stderr
        assert "next:" in result.stderr


def test_summary_shows_who_when_and_how_many(run, sample):
    result = run("report", str(sample))
    assert result.exit_code == 0
    assert "2022" in result.stdout
    assert "200 of 200 printed numbers read" in result.stdout
    assert "200 reported" in result.stdout
    assert "\x1b" not in result.stdout


def test_explanation_shows_number_place_and_rule(run, sample):
    lines = run("report", str(sample), "--explain").stdout.splitlines()
    line = next(line for line in lines if "requests.new_received.total" in line)
    assert "14" in line
    assert "R01" in line
    assert "R03" in line
    assert any("proactive.licensing.decisions" in line and "5069" in line and "L" in line for line in lines)


def test_contradiction_is_in_the_summary(run, sample):
    contradictory = next(sample.parent.glob("13-*"))
    result = run("report", str(contradictory))
    assert "contradiction" in result.stdout


def test_two_views_at_once_are_refused(run, sample):
    assert run("report", str(sample), "--json", "--explain").exit_code == 2
