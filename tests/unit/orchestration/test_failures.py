from __future__ import annotations

import json

import pytest

from pipeline.orchestration.failures import describe_run_failure, read_last_failure, write_last_failure

ENDED = "2026-11-21T22:30:05+00:00"


@pytest.mark.parametrize(
    ("steps", "step", "code"),
    [
        ([("warehouse__published", "WarehouseRejected")], "warehouse__published", "gate_failed"),
        ([("warehouse__published", "WarehouseUnwritable")], "warehouse__published", "warehouse_unwritable"),
        ([("core", "KeyError"), ("warehouse__published", "WarehouseRejected")], "warehouse__published", "gate_failed"),
        ([("core", "KeyError"), ("mart", "Failure")], "core", "run_failed"),
        ([], "", "run_killed"),
    ],
)
def test_failure_has_the_code_of_what_can_be_told_apart(steps, step, code):
    failure = describe_run_failure("4f2", "nightly", steps, ENDED)
    assert (failure.step, failure.code) == (step, code)
    assert failure.next_step


def test_file_keeps_the_last_one_and_no_message(paths):
    assert read_last_failure(paths) is None
    for run_id in ("first", "second"):
        write_last_failure(paths, describe_run_failure(run_id, "reparse", [("core", "ValueError")], ENDED))
    kept = json.loads(paths.last_failure.read_text(encoding="utf-8"))
    assert set(kept) == {"run_id", "job", "step", "error_class", "code", "next_step", "failed_at"}
    assert read_last_failure(paths).run_id == "second"
    assert [path.name for path in paths.last_failure.parent.iterdir()] == ["last_failure.json"]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"run_id": "x"}', b"\xff"])
def test_file_that_is_none_of_ours_is_no_failure(paths, content):
    paths.last_failure.parent.mkdir(parents=True)
    paths.last_failure.write_bytes(content)
    assert read_last_failure(paths) is None
