"""SIGKILL at any moment of a night: the published file stands, and the next night ends where an undisturbed one does.

TOUMING_KILLS sets how many times a night is killed in each of its stages; moments are drawn from a fixed seed.
"""

from __future__ import annotations

import datetime as dt
import multiprocessing
import os
import random
import signal
from contextlib import suppress
from pathlib import Path

import pytest

from pipeline.archive.captures import CaptureLog
from pipeline.archive.ingest import ingest_paths
from pipeline.archive.ledger import refresh_ledger
from pipeline.archive.store import BlobStore
from pipeline.definitions import defs
from pipeline.facts.stages import read_manifest
from pipeline.orchestration import readers
from pipeline.orchestration.batches import read_partitions
from pipeline.orchestration.instance import JobOutcome
from pipeline.orchestration.nightly import run_nightly
from pipeline.orchestration.reading import PARTITION_KEYS
from pipeline.orchestration.selection import ReadingFilter
from pipeline.paths import DataPaths
from tests.pipeline.nights_for_tests import (
    SAMPLES,
    STAGES,
    TOUMING,
    State,
    copy_night,
    list_leftovers,
    list_stuck,
    read_build_id,
    read_counts,
    read_state,
    run_night,
    start_python,
)

ROUNDS = int(os.environ.get("TOUMING_KILLS", "1"))
SEED = 20260131
KNOWN, NEW = SAMPLES[::5], SAMPLES[1::5]
# Fewer than the starts that a worker is given
MOST_KILLED = 4
# About how long the build of so few documents takes on a machine with other work
BUILD_SECONDS = 1.5


@pytest.fixture(autouse=True)
def no_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every night keeps its records in its own data folder."""
    monkeypatch.setenv("DAGSTER_HOME", "")


@pytest.fixture(scope="module")
def yesterday(tmp_path_factory: pytest.TempPathFactory) -> DataPaths:
    """A data folder after its first night."""
    paths = DataPaths(tmp_path_factory.mktemp("yesterday") / "data")
    paths.inbox.mkdir(parents=True)
    for path in KNOWN:
        (paths.inbox / path.name).write_bytes(path.read_bytes())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAGSTER_HOME", "")
        assert run_nightly(defs, paths, [paths.inbox]).failed_steps == ()
    return paths


@pytest.fixture(scope="module")
def undisturbed(yesterday: DataPaths, tmp_path_factory: pytest.TempPathFactory) -> tuple[State, dict[str, int]]:
    """The state after the next night, with new documents, and how often it touched files in each stage."""
    paths = copy_night(yesterday, tmp_path_factory.mktemp("undisturbed") / "data", NEW)
    code, said = run_night(paths)
    assert code == 0, said
    assert list_leftovers(paths) == []
    return read_state(paths), read_counts(said)


@pytest.fixture
def tonight(yesterday: DataPaths, tmp_path: Path) -> DataPaths:
    """Yesterday's data folder, with new documents in the inbox."""
    return copy_night(yesterday, tmp_path / "data", NEW)


def run_here(paths: DataPaths, monkeypatch: pytest.MonkeyPatch) -> JobOutcome:
    monkeypatch.setenv("DAGSTER_HOME", "")
    outcome = run_nightly(defs, paths, [paths.inbox])
    assert outcome.failed_steps == ()
    return outcome


def list_read(paths: DataPaths) -> set[str]:
    return {document_id for year in PARTITION_KEYS for document_id in read_manifest(paths, year)}


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_killed_in_every_stage_the_next_night_ends_as_if_nothing_had_been(
    yesterday, undisturbed, tonight, monkeypatch, turn
) -> None:
    state, counts = undisturbed
    moments = random.Random(SEED + turn)
    before = read_build_id(yesterday)
    struck = 0
    for number, stage in enumerate(STAGES):
        moment = moments.uniform(0, BUILD_SECONDS) if stage == "building" else moments.randint(1, counts[stage])
        # What one of these leaves the other does not: workers that outlive the run by a moment
        code, said = run_night(tonight, stage, moment, ("process", "group")[(number + turn) % 2])
        # Where an earlier night got further than this one is to be killed, it ends well
        assert code in (-signal.SIGKILL, 0), said
        struck += code != 0
        is_new = code == 0 or stage == "publishing"
        assert read_build_id(tonight) in ((before, state.build_id) if is_new else (before,))
        before = read_build_id(tonight)
    assert struck >= len(STAGES) - 2
    read_before = list_read(tonight)
    outcome = run_here(tonight, monkeypatch)
    assert read_state(tonight) == state
    assert outcome.metadata_totals["stage/reading", "documents read"] == len(list_read(tonight) - read_before)
    assert list_leftovers(tonight) == []
    assert list_stuck(tonight.dagster_home) == []


def file_samples(folder: Path) -> DataPaths:
    """A data folder in which every sample is filed and none is read."""
    paths = DataPaths(folder)
    log = CaptureLog(paths.captures)
    ingest_paths(SAMPLES, BlobStore(paths.blobs), log, lambda: dt.datetime(2026, 3, 1, tzinfo=dt.UTC))
    refresh_ledger(paths, lambda entries: {}, str)
    return paths


def list_readings(paths: DataPaths) -> set[tuple[str, str, str, tuple[str, ...]]]:
    return {
        (year, document_id, entry.outcome, entry.issue_codes)
        for year in PARTITION_KEYS
        for document_id, entry in read_manifest(paths, year).items()
    }


@pytest.mark.parametrize("victim", ["outer", "inner"])
def test_killed_workers_cost_no_document(tmp_path, monkeypatch, victim) -> None:
    moments = random.Random(SEED)
    monkeypatch.setattr(readers, "CHUNK_SIZE", 1)
    undisturbed, disturbed = file_samples(tmp_path / "undisturbed"), file_samples(tmp_path / "disturbed")
    killed: list[int] = []

    def kill_some(done: int, total: int) -> None:
        for outer in multiprocessing.active_children():
            inner = Path(f"/proc/{outer.pid}/task/{outer.pid}/children")
            if moments.random() < 0.5 and len(killed) < MOST_KILLED:
                with suppress(OSError):  # it has just ended by itself
                    pids = [outer.pid] if victim == "outer" else [int(pid) for pid in inner.read_text().split()]
                    for pid in pids:
                        os.kill(pid, signal.SIGKILL)
                        killed.append(pid)

    read_partitions(undisturbed, ReadingFilter(), worker_count=2)
    result = read_partitions(disturbed, ReadingFilter(), worker_count=2, show_progress=kill_some)
    assert killed
    assert result.read_count == len(SAMPLES)
    assert list_readings(disturbed) == list_readings(undisturbed)


def test_two_runs_at_once_end_well_and_in_the_same_state(undisturbed, tonight) -> None:
    state, _ = undisturbed
    nights = [start_python(TOUMING, tonight) for _ in range(2)]
    for night in nights:
        out, err = night.communicate(timeout=300)
        assert night.returncode == 0, out + err
    assert read_state(tonight) == state
    assert list_leftovers(tonight) == []
    assert list_stuck(tonight.dagster_home) == []
