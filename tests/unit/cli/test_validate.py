from __future__ import annotations

import json

import duckdb
import pytest

from pipeline.warehouse import validate
from pipeline.warehouse.checks import Check

SOUND = Check("sound", "error", "core.sample", "never", "SELECT n FROM core.sample WHERE n > 9")
ODD = Check("odd", "warn", "core.sample", "n is odd", "SELECT n FROM core.sample WHERE n % 2 = 1")
WRONG = Check("wrong", "error", "core.sample", "n is two", "SELECT n FROM core.sample WHERE n = 2")
BROKEN = Check("broken_check", "error", "core.none", "cannot run", "SELECT * FROM core.none")


@pytest.fixture
def warehouse(data):
    data.published.parent.mkdir(parents=True)
    with duckdb.connect(str(data.published)) as con:
        con.execute("CREATE SCHEMA core; CREATE SCHEMA meta")
        con.execute("CREATE TABLE core.sample AS SELECT range AS n FROM range(5)")
        con.execute("CREATE TABLE meta.build AS SELECT 'abc' AS build_id, '1.0.0' AS schema_version")
    return data


@pytest.fixture
def use_checks(monkeypatch):
    def use(*checks: Check) -> None:
        monkeypatch.setattr(validate, "run_checks", lambda con: run_all(con, checks))

    run_all = validate.run_checks
    return use


def test_a_sound_file_passes_and_says_which_build_it_is(run, warehouse, use_checks):
    use_checks(SOUND)
    result = run("validate")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0].split() == ["pass", "error", "sound", "(core.sample)"]
    assert "build abc, schema 1.0.0: 1 pass, 0 fail, 0 broken" in result.stdout


@pytest.mark.parametrize(
    ("checks", "fail_on", "code"),
    [
        ([SOUND, ODD], "error", 0),
        ([SOUND, ODD], "warn", 3),
        ([SOUND, WRONG], "error", 3),
        ([SOUND, WRONG], "warn", 3),
        ([BROKEN], "error", 3),
    ],
)
def test_what_counts_as_failure_can_be_chosen(run, warehouse, use_checks, checks, fail_on, code):
    use_checks(*checks)
    result = run("validate", "--fail-on", fail_on)
    assert result.exit_code == code
    assert ("error [validation_failed]" in result.stderr) == (code == 3)


def test_a_failure_shows_its_rows(run, warehouse, use_checks):
    use_checks(ODD)
    assert "n is odd; 2 rows" in run("validate").stdout
    assert "n = 1" in run("validate").stdout


def test_json_has_every_check_with_its_verdict(run, warehouse, use_checks):
    use_checks(SOUND, ODD, BROKEN)
    found = json.loads(run("validate", "--json").stdout)
    assert (found["build_id"], found["schema_version"]) == ("abc", "1.0.0")
    assert {check["name"]: check["verdict"] for check in found["checks"]} == {
        "sound": "pass",
        "odd": "fail",
        "broken_check": "broken",
    }
    odd = found["checks"][1]
    assert (odd["violation_count"], odd["sample"], odd["severity"]) == (2, [{"n": 1}, {"n": 3}], "warn")


def test_another_file_can_be_named_and_none_is_changed(run, warehouse, use_checks, tmp_path):
    use_checks(WRONG)
    copy = tmp_path / "received.duckdb"
    copy.write_bytes(warehouse.published.read_bytes())
    warehouse.published.unlink()
    assert run("validate").exit_code == 5
    before = copy.read_bytes()
    assert run("validate", str(copy)).exit_code == 3
    assert copy.read_bytes() == before


def test_what_is_no_warehouse_is_five(run, data, tmp_path):
    other = tmp_path / "other.duckdb"
    with duckdb.connect(str(other)):
        pass
    text = tmp_path / "text.duckdb"
    text.write_text("not a database" * 100)
    for path in (other, text, tmp_path / "none.duckdb"):
        result = run("validate", str(path))
        assert result.exit_code == 5
        assert "next:" in result.stderr
