"""--json: one JSON value on stdout whatever else is said, with the keys that the command's help names."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from typing import Any

import pytest

from pipeline.cli.errors import Exit

STANDING = [
    *("documents", "reasons", "unread", "contradiction_count", "contradicting_report_count", "failed_steps"),
]
RUN = ["run_id", "new_capture_count", "read_count", "known_count", *STANDING]
BACKUP = [
    *(
        "snapshot",
        "made_at",
        "blob_count",
        "new_blob_count",
        "file_count",
        "new_file_count",
        "removed_count",
        "problems",
    ),
]
RELEASE = [
    *("folder", "version", "build_id", "table_count", "row_count", "previous", "changed_table_count", "revised_count"),
]


@pytest.fixture
def ask(run) -> Callable[..., Any]:
    """What a command prints with --json; it ends with exit_code."""

    def answer(*arguments: str, exit_code: int = Exit.OK) -> Any:
        result = run(*arguments, "--json")
        assert result.exit_code == exit_code, result.stderr
        return json.loads(result.stdout)

    return answer


def test_a_night_and_all_that_can_be_made_of_it_answer_programs(ask, data, sample, tmp_path):
    data.inbox.mkdir(parents=True)
    shutil.copy(sample, data.inbox)
    (data.inbox / "picture.gif").write_bytes(b"GIF89a" + bytes(64))
    night = ask("run", exit_code=Exit.UNREAD_DOCUMENTS)
    assert list(night) == RUN
    assert night["documents"] == {"report": 1, "rejected": 0, "failed": 1}
    assert night["reasons"] == {"media_unsupported": 1}
    assert [one["issue_code"] for one in night["unread"]] == ["media_unsupported"]
    assert (night["new_capture_count"], night["read_count"], night["known_count"]) == (2, 2, 0)
    assert night["failed_steps"] == []

    again = ask("reparse", "--year", "2022")
    assert list(again) == ["run_id", "read_count", *STANDING]
    assert (again["read_count"], again["documents"]["report"]) == (1, 1)
    assert again["run_id"] != night["run_id"]

    first, second = ask("release"), ask("release")
    assert list(first) == RELEASE
    assert (first["previous"], first["changed_table_count"], first["revised_count"]) == (None, None, None)
    assert (second["previous"], second["changed_table_count"], second["revised_count"]) == (first["version"], 0, 0)
    verified = ask("release", "--verify", first["folder"])
    assert list(verified) == ["folder", "version", "build_id", "file_count"]
    assert (verified["folder"], verified["build_id"]) == (first["folder"], first["build_id"])

    kept = ask("backup", str(tmp_path / "kept"))
    assert list(kept) == BACKUP
    assert (kept["blob_count"], kept["new_blob_count"], kept["problems"]) == (2, 2, [])
    whole = ask("backup", str(tmp_path / "kept"), "--verify")
    assert whole == {"folder": str(tmp_path / "kept"), "snapshots": [kept["snapshot"]], "faults": []}
    blob = next(path for path in (tmp_path / "kept" / "blobs").glob("??/*"))
    blob.write_bytes(b"other")
    damaged = ask("backup", str(tmp_path / "kept"), "--verify", exit_code=Exit.GATE_FAILED)
    assert damaged["faults"] == [f"blobs/{blob.parent.name}/{blob.name}"]


@pytest.mark.parametrize(
    ("command", "keys"),
    [
        ("run", RUN),
        ("release", [*RELEASE, "file_count"]),
        ("backup", [*BACKUP, "folder", "snapshots", "faults"]),
        ("status", ["warehouse", "last_night", "waiting", "last_failure", "crawl", "problems", "age_seconds"]),
        ("doctor", ["name", "level", "found", "next_step"]),
        ("validate", ["file", "build_id", "schema_version", "checks", "verdict", "violation_count", "sample"]),
        ("sources", ["source_id", "column_url", "health", "health_code"]),
        ("probe", ["family", "reading", "outcome", "robots_detail"]),
        ("crawl", ["attempt_count", "outcome_counts", "waiting_count", "alarms", "least_seconds"]),
    ],
)
def test_help_names_the_keys(run, command, keys):
    words = set(re.findall(r"\w+", run(command, "--help").stdout))
    assert [key for key in keys if key not in words] == []


def test_doctor_and_sources_have_the_keys_their_help_names(run, ask):
    examinations = json.loads(run("doctor", "--json").stdout)
    assert all(list(one) == ["name", "level", "found", "next_step"] for one in examinations)
    assert all({"source_id", "column_url", "health"} <= set(one) for one in ask("sources"))
