"""A full or closed disk at every step of a night: it is said so, what is published stands, the next night mends it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from pipeline.definitions import defs
from pipeline.orchestration.nightly import run_nightly
from pipeline.paths import REPO_ROOT, DataPaths
from tests.pipeline.nights_for_tests import (
    SAMPLES,
    STAGES,
    State,
    copy_night,
    list_leftovers,
    list_stuck,
    read_build_id,
    read_state,
    run_night,
)

KNOWN, NEW = SAMPLES[:1], SAMPLES[3:5]
# More than two nights of so few documents take, warehouses and all
DISK = "160m"
UNWRITABLE, NO_HISTORY = "error [warehouse_unwritable]", "error [run_history_unwritable]"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Dagster's own records, on a disk of their own."""
    folder = tmp_path / "home"
    folder.mkdir()
    shutil.copyfile(REPO_ROOT / "dagster.yaml", folder / "dagster.yaml")
    monkeypatch.setenv("DAGSTER_HOME", str(folder))
    return folder


@pytest.fixture(scope="module")
def yesterday(tmp_path_factory: pytest.TempPathFactory) -> DataPaths:
    """A data folder after its first night."""
    folder = tmp_path_factory.mktemp("yesterday")
    paths = DataPaths(folder / "data")
    paths.inbox.mkdir(parents=True)
    for path in KNOWN:
        shutil.copyfile(path, paths.inbox / path.name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAGSTER_HOME", str(folder))
        assert run_nightly(defs, paths, [paths.inbox]).failed_steps == ()
    return paths


@pytest.fixture(scope="module")
def state(yesterday: DataPaths, tmp_path_factory: pytest.TempPathFactory) -> State:
    """The state after the next night, with new documents, where nothing was in its way."""
    folder = tmp_path_factory.mktemp("undisturbed")
    paths = copy_night(yesterday, folder / "data", NEW)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAGSTER_HOME", str(folder))
        assert run_nightly(defs, paths, [paths.inbox]).failed_steps == ()
    return read_state(paths)


def mount(folder: Path, *options: str) -> None:
    done = subprocess.run(["mount", *options, str(folder)], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"mounting is not permitted here: {done.stderr.strip()}")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of a few megabytes; skips where nothing may be mounted."""
    if os.geteuid():
        pytest.skip("mounting a small disk takes root")
    folder = tmp_path / "disk"
    folder.mkdir()
    mount(folder, "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(disk: Path) -> None:
    with (disk / "filler").open("wb", buffering=0) as filler, suppress(OSError):
        while True:
            filler.write(bytes(1024))


def finish_night(paths: DataPaths, state: State, home: Path) -> None:
    """The next night, with nothing in its way, ends as if there never had been."""
    assert run_nightly(defs, paths, [paths.inbox]).failed_steps == ()
    assert read_state(paths) == state
    assert list_leftovers(paths) == []
    assert list_stuck(home) == []


def test_full_at_every_stage(yesterday, state, small_disk, home) -> None:
    paths = copy_night(yesterday, small_disk / "data", NEW)
    before = read_build_id(paths)
    for stage in STAGES:
        code, said = run_night(paths, stage, 1, "fill", home)
        assert code == 1, said
        assert UNWRITABLE in said, said
        assert "Free space" in said
        assert "next: " in said
        (small_disk / "filler").unlink()
        assert read_build_id(paths) == before
    finish_night(paths, state, home)


def test_closed_from_any_stage_on(yesterday, state, tmp_path, home) -> None:
    paths = copy_night(yesterday, tmp_path / "data", NEW)
    before = read_build_id(paths)
    for stage in STAGES:
        if stage == "building":  # DuckDB asks nobody; tests/unit/warehouse has its errors
            continue
        code, said = run_night(paths, stage, 1, "refuse", home)
        assert code == 1, said
        assert UNWRITABLE in said, said
        assert "write access" in said
        assert read_build_id(paths) == before
    finish_night(paths, state, home)


@pytest.mark.parametrize("fault", ["full", "closed"])
def test_records_of_runs_that_cannot_be_kept(yesterday, state, small_disk, fault) -> None:
    paths = copy_night(yesterday, small_disk / "data", NEW)
    home = small_disk / "home"
    home.mkdir()
    shutil.copyfile(REPO_ROOT / "dagster.yaml", home / "dagster.yaml")
    before = read_build_id(paths)
    if fault == "full":
        fill(small_disk)
    else:
        mount(home, "--bind", str(home))
        mount(home, "-o", "remount,bind,ro")
    code, said = run_night(paths, home=home)
    assert code == 1, said
    assert NO_HISTORY in said, said
    assert "Free space" in said
    assert read_build_id(paths) == before
    if fault == "full":
        (small_disk / "filler").unlink()
    else:
        subprocess.run(["umount", str(home)], check=True)
    code, said = run_night(paths, home=home)
    assert code == 0, said
    assert read_state(paths) == state
    assert list_stuck(home) == []


def test_a_closed_disk_is_said_before_anything_is_tried(yesterday, small_disk, home) -> None:
    paths = copy_night(yesterday, small_disk / "data", NEW)
    mount(small_disk, "-o", "remount,ro")
    code, said = run_night(paths, home=home)
    assert code == 1, said
    assert UNWRITABLE in said, said
    assert "write access" in said
    read_build_id(paths)
