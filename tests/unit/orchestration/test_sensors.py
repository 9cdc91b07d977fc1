from __future__ import annotations

from collections.abc import Iterator

import dagster as dg
import pytest

from pipeline.definitions import defs
from pipeline.orchestration import sensors
from pipeline.orchestration.failures import read_last_failure
from pipeline.orchestration.resources import DataFolder
from pipeline.orchestration.sensors import REASON_TAG, WEBHOOK_VARIABLE, keep_last_failure, reread_outdated
from pipeline.orchestration.versions import OutdatedDocuments
from pipeline.paths import DataPaths

OUTDATED = [OutdatedDocuments("text/html", "html/4", "html/5", 231)]


@dg.op
def fail() -> None:
    raise LookupError("a name nobody should read")


@dg.job
def failing() -> None:
    fail()


@pytest.fixture
def failed(paths: DataPaths) -> Iterator[dg.RunFailureSensorContext]:
    """The context of the sensor after a run that failed."""
    with dg.DagsterInstance.ephemeral() as instance:
        result = failing.execute_in_process(instance=instance, raise_on_error=False)
        (event,) = [e for e in result.all_events if e.event_type is dg.DagsterEventType.RUN_FAILURE]
        yield dg.build_run_status_sensor_context(
            sensor_name="keep_last_failure",
            dagster_event=event,
            dagster_instance=instance,
            dagster_run=result.dagster_run,
            resources={"data": DataFolder(root=str(paths.root))},
        ).for_run_failure()


@pytest.fixture
def look(paths: DataPaths, monkeypatch: pytest.MonkeyPatch):
    """Evaluate the other sensor with what is outdated, and the cursor it was left with."""

    def evaluate(outdated: list[OutdatedDocuments], cursor: str | None = None):
        monkeypatch.setattr(sensors, "count_outdated", lambda paths: outdated)
        context = dg.build_sensor_context(cursor=cursor, resources={"data": DataFolder(root=str(paths.root))})
        return reread_outdated(context), context.cursor

    return evaluate


def test_failed_run_is_written_down_without_its_message(failed, paths, monkeypatch):
    monkeypatch.delenv(WEBHOOK_VARIABLE, raising=False)
    said = keep_last_failure(failed).skip_message
    failure = read_last_failure(paths)
    assert (failure.job, failure.step, failure.error_class) == ("failing", "fail", "LookupError")
    assert failure.failed_at.endswith("+00:00")
    assert "posted" not in said
    for text in (said, paths.last_failure.read_text(encoding="utf-8")):
        assert "nobody should read" not in text


def test_failed_run_is_posted_where_an_address_is_set(failed, monkeypatch):
    monkeypatch.setenv(WEBHOOK_VARIABLE, "http://127.0.0.1:1/hook")
    posted = []
    monkeypatch.setattr(sensors, "post_json", lambda address, message: posted.append((address, message)) or "")
    assert keep_last_failure(failed).skip_message.endswith("posted")
    ((address, message),) = posted
    assert address == "http://127.0.0.1:1/hook"
    assert message["run_id"] in message["text"]
    assert message["code"] == "run_failed"


def test_neither_a_full_disk_nor_a_deaf_address_fails_the_sensor(failed, paths, monkeypatch):
    monkeypatch.setenv(WEBHOOK_VARIABLE, "ftp://nowhere")
    paths.root.mkdir(parents=True)
    (paths.root / "state").write_text("a file where the folder should be")
    said = keep_last_failure(failed).skip_message
    assert "not written down" in said
    assert "nothing is sent" in said


def test_outdated_documents_are_requested_once_and_the_reason_is_shown(look):
    request, cursor = look(OUTDATED)
    assert request.tags[REASON_TAG] == "outdated: 231 × text/html (html/4 → html/5)"
    assert not [tag for tag in request.tags if "partition" in tag]
    again, _ = look(OUTDATED, cursor)
    assert isinstance(again, dg.SkipReason)


def test_nothing_outdated_is_said_and_remembered(look):
    skipped, cursor = look([])
    assert "html/" in skipped.skip_message
    assert cursor in skipped.skip_message


def test_the_next_change_is_looked_at_again(look, monkeypatch):
    _, cursor = look(OUTDATED)
    monkeypatch.setattr(sensors, "name_versions", lambda: "html/6")
    request, _ = look(OUTDATED, cursor)
    assert isinstance(request, dg.RunRequest)


def test_those_that_start_nothing_are_on_and_the_one_that_works_is_off():
    defaults = {sensor.name: sensor.default_status for sensor in defs.sensors}
    assert defaults == {
        "dead_runs": dg.DefaultSensorStatus.RUNNING,
        "keep_last_failure": dg.DefaultSensorStatus.RUNNING,
        "reread_outdated": dg.DefaultSensorStatus.STOPPED,
    }
