from __future__ import annotations

import pytest

from pipeline.archive.restore import unfinished_mark
from pipeline.cli import production_examinations
from pipeline.cli.production_examinations import examine_folders, examine_records, examine_schedules
from pipeline.orchestration.instance import open_instance

NOBODY = "postgresql+psycopg2://nobody:secret@127.0.0.1:1/none"


def test_a_folder_that_is_closed_is_red(data, monkeypatch):
    assert examine_folders(data).level == "green"
    monkeypatch.setattr(
        production_examinations.os, "access", lambda place, mode: place not in (data.inbox, data.inbox.parent)
    )
    data.inbox.mkdir(parents=True)
    result = examine_folders(data)
    assert result.level == "red"
    assert str(data.inbox) in result.found
    assert str(data.warehouse) not in result.found


def test_an_unfinished_restoration_is_red(data):
    data.root.mkdir()
    unfinished_mark(data).write_text("name")
    result = examine_folders(data)
    assert (result.level, result.next_step) == ("red", "run touming restore again")


def test_records_are_files_unless_a_database_is_named(data, monkeypatch):
    assert examine_records(data).found.startswith("SQLite in")
    monkeypatch.setenv("TOUMING_POSTGRES_URL", NOBODY)
    result = examine_records(data)
    assert result.level == "red"
    # With the extra installed nobody answers there, without it nothing could ask
    assert result.found.startswith(("postgres_unreachable", "postgres_missing"))
    assert "secret" not in result.found + result.next_step
    assert examine_schedules(data).level == "amber"


def test_nothing_is_made_by_looking(data):
    assert examine_schedules(data).level == "green"
    assert not data.root.exists()


def test_a_folder_in_which_nothing_is_switched_on_is_green(data):
    with open_instance(data):
        pass
    assert examine_schedules(data).found == "none is on, and no daemon is running"


@pytest.mark.parametrize(
    ("running", "is_daemon_alive", "level"),
    [(["nightly"], True, "green"), (["nightly"], False, "red"), (["crawl"], True, "amber"), ([], True, "amber")],
)
def test_a_schedule_needs_the_daemon_and_the_daemon_a_schedule(running, is_daemon_alive, level):
    result = production_examinations._judge_schedules(running, is_daemon_alive)
    assert result.level == level
    assert bool(result.next_step) is (level != "green")
