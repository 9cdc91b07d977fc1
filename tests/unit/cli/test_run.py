"""`touming run`, `reparse` and `source` from the outside: what is printed where, and the exit codes."""

from __future__ import annotations

import shutil

import pytest

from pipeline.cli.errors import CommandError, Exit
from pipeline.cli.outcome import raise_on_failure
from pipeline.orchestration.instance import FailedStep, JobOutcome


@pytest.fixture
def published(run, data, sample, tmp_path):
    """A warehouse of one report."""
    folder = tmp_path / "one"
    folder.mkdir()
    shutil.copy(sample, folder)
    result = run("run", str(folder))
    assert result.exit_code == 0, result.stderr
    return result


def test_run_says_what_came_of_it_on_stdout(published, data):
    assert "1 reports, 0 rejected as none, 0 failed" in published.stdout
    assert "mart.agency_year" in published.stdout
    assert "proactive.licensing.decisions" in published.stdout
    assert "DEBUG" not in published.stderr
    assert data.published.exists()
    assert (data.dagster_home / "dagster.yaml").exists()


def test_source_leads_back_to_print(published, run):
    command = next(line.strip() for line in published.stdout.splitlines() if " source " in line)
    agency, year, cell = command.split(" source ")[1].rsplit(" ", 2)
    result = run("source", agency.strip("'"), year, cell)
    assert result.exit_code == 0
    assert "5069" in result.stdout
    assert "sha256" in result.stdout
    assert "\n  place     L" in result.stdout


def test_source_of_something_unknown_says_what_to_do(published, run):
    assert run("source", "nobody", "2022", "proactive.licensing.decisions").exit_code == 2
    wrong_cell = run("source", "nobody", "2022", "no.such.cell")
    assert wrong_cell.exit_code == 2
    assert "error [cell_unknown]" in wrong_cell.stderr


def test_unread_document_is_four_and_the_rest_is_published(published, run, data, tmp_path):
    (tmp_path / "picture.gif").write_bytes(b"GIF89a" + bytes(64))
    result = run("run", str(tmp_path / "picture.gif"))
    assert result.exit_code == 4
    assert "media_unsupported" in result.stdout
    assert "error [documents_unread]" in result.stderr
    # What failed before is still told, and is no alarm any more; reading it in vain once more is one
    later = run("run")
    assert later.exit_code == 0
    assert "media_unsupported" in later.stdout
    again = run("reparse", "--only-failed")
    assert again.exit_code == 4
    assert "1 documents read again" in again.stderr


def test_reparse_counts_what_it_read(published, run):
    result = run("reparse", "--year", "2022")
    assert result.exit_code == 0
    assert "1 documents read again" in result.stderr


def test_reparse_needs_to_know_what(published, run):
    assert run("reparse").exit_code == 2
    unknown = run("reparse", "--document", "0123456789abcdef")
    assert unknown.exit_code == 2
    assert "error [selection_unknown]" in unknown.stderr


def test_missing_path_stops_before_anything_is_done(run, data):
    result = run("run", "/no/such/folder")
    assert result.exit_code == 2
    assert not data.root.exists()


def test_failed_gate_is_three():
    step = FailedStep("warehouse__published", "WarehouseRejected", "1 blocking check(s) failed")
    with pytest.raises(CommandError) as failure:
        raise_on_failure(JobOutcome("run", (step,)))
    assert failure.value.exit_code == Exit.GATE_FAILED
    assert "yesterday" in failure.value.next_step


def test_a_full_disk_has_a_code_of_its_own():
    step = FailedStep("warehouse__published", "WarehouseUnwritable", "cannot be written. Free space")
    with pytest.raises(CommandError) as failure:
        raise_on_failure(JobOutcome("run", (step,)))
    assert (failure.value.exit_code, failure.value.code) == (Exit.UNEXPECTED, "warehouse_unwritable")


def test_any_other_failed_step_is_one():
    with pytest.raises(CommandError) as failure:
        raise_on_failure(JobOutcome("run", (FailedStep("core", "OSError", "disk full"),)))
    assert failure.value.exit_code == Exit.UNEXPECTED
    assert "core: OSError: disk full" in failure.value.message
