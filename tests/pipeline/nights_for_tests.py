"""Nights in processes of their own that are disturbed at chosen moments, and the state the night after must end in."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import duckdb

from pipeline.orchestration.dead_runs import _UNFINISHED
from pipeline.paths import REPO_ROOT, DataPaths

SAMPLES = sorted(path for path in DataPaths(REPO_ROOT / "data").samples.iterdir() if not path.name.startswith("."))
STAGES = ("capture", "filing", "reading", "merging", "building", "publishing")
SECONDS_TO_END = 300
TOUMING = "from pipeline.cli.main import main; main(['run'])"
# Runs `touming run` and counts what it is about to do to files, by stage. At the moment asked for it kills itself or
# its whole group, fills the disk, or from then on is refused whatever it would write. DuckDB writes by itself: while it
# builds, a clock says when
NIGHT = """
import errno, json, os, signal, sys, threading
from pathlib import Path

root, stage, moment, what = Path(sys.argv[1]), sys.argv[2], float(sys.argv[3]), sys.argv[4]
counts, refused = {}, False
FILING = ("ledger.parquet", ".unfinished-ledger.parquet", "refresh.lock", "ledger.lock")
WRITTEN = ("index.parquet", "merged_of.json", "identities.parquet")
MERGING = ("half_merged", *WRITTEN, *(f".unfinished-{name}" for name in WRITTEN))
CHANGES = ("os.rename", "os.remove", "os.mkdir", "os.rmdir")

def strike():
    global refused
    if what == "process":
        os.kill(os.getpid(), signal.SIGKILL)
    elif what == "group":
        os.killpg(0, signal.SIGKILL)
    elif what == "fill":
        try:
            with open(root.parent / "filler", "ab", buffering=0) as filler:
                while True:
                    filler.write(bytes(4096))
        except OSError:
            pass
    elif what == "refuse":
        refused = True

def stage_of(path):
    if not path.is_relative_to(root):
        return None
    parts = (*path.relative_to(root).parts, "", "", "")
    if parts[0] == "raw":
        return "capture"
    if parts[0] != "warehouse" or parts[1] == "build":
        return None
    if parts[1] in FILING or parts[1:3] == ("stage", "raw"):
        return "filing"
    if parts[1] == "stage" or path.name in MERGING:
        return "merging"
    return "reading" if parts[1] == "shards" else "publishing"

def is_change(event, arguments):
    if event == "open":
        return isinstance(arguments[2], int) and bool(arguments[2] & (os.O_WRONLY | os.O_RDWR))
    return event in CHANGES

def watch(event, arguments):
    if not is_change(event, arguments) or not isinstance(arguments[0], (str, os.PathLike)):
        return
    found = stage_of(Path(arguments[0]))
    if not found:
        return
    counts[found] = counts.get(found, 0) + 1
    if found == stage and counts[found] == moment:
        strike()
    if refused:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(arguments[0]))

from pipeline.cli.main import main
from pipeline.orchestration import mart_assets
sys.addaudithook(watch)
open_build = mart_assets.open_build

def build_for_a_while(paths):
    if stage == "building":
        if what == "fill":
            strike()
        else:
            threading.Timer(moment, strike).start()
    return open_build(paths)

mart_assets.open_build = build_for_a_while
try:
    main(["run"])
finally:
    print("counts", json.dumps(counts), file=sys.stderr)
"""


@dataclass(frozen=True, slots=True)
class State:
    """What an undisturbed night and the one after a crash must have in common."""

    build_id: str
    readings: tuple[tuple[object, ...], ...]
    captures: tuple[tuple[object, ...], ...]


def surroundings(paths: DataPaths, home: Path | None = None) -> dict[str, str]:
    """The environment of a process of this data folder; home is DAGSTER_HOME where it is not in there."""
    kept = {name: value for name, value in os.environ.items() if name not in ("DAGSTER_HOME", "TOUMING_DATA")}
    named = {} if home is None else {"DAGSTER_HOME": str(home)}
    own = {"TOUMING_DATA": str(paths.root), "PYTHONPATH": str(REPO_ROOT), "DAGSTER_DISABLE_TELEMETRY": "1"}
    return {**kept, **own, **named}


def start_python(script: str, paths: DataPaths, *arguments: object, home: Path | None = None) -> subprocess.Popen[str]:
    """Python in a session of its own, so that it and all its workers are one group."""
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        cwd=REPO_ROOT,
        env=surroundings(paths, home),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def run_night(
    paths: DataPaths, stage: str = "-", moment: float = 0, what: str = "process", home: Path | None = None
) -> tuple[int, str]:
    """A night, disturbed at a moment of a stage when one is given; its exit code, and what it said."""
    night = start_python(NIGHT, paths, paths.root, stage, moment, what, home=home)
    out, err = night.communicate(timeout=SECONDS_TO_END)
    assert wait_for_group(night.pid), "workers outlive the run that started them"
    return night.returncode, out + err


def read_counts(said: str) -> dict[str, int]:
    (line,) = [line for line in said.splitlines() if line.startswith("counts ")]
    return dict(json.loads(line.removeprefix("counts ")))


def list_group(group: int) -> list[int]:
    """Processes of a group that have not ended."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                state, _, pgrp = (folder / "stat").read_text().rpartition(")")[2].split()[:3]
            except OSError:
                continue
            if int(pgrp) == group and state not in "ZX":
                found.append(int(folder.name))
    return found


def wait_for_group(group: int, seconds: float = 60) -> bool:
    """Whether every process of the group ends in time."""
    for pid in list_group(group):
        try:
            descriptor = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        try:
            poll = select.poll()
            poll.register(descriptor, select.POLLIN)
            if not poll.poll(seconds * 1000):
                return False
        finally:
            os.close(descriptor)
    return not list_group(group)


def end_group(process: subprocess.Popen[str]) -> None:
    """Kill a process with all its group, and wait for it."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)
    wait_for_group(process.pid)


def copy_night(source: DataPaths, target: Path, new: Sequence[Path] = ()) -> DataPaths:
    """A copy of a data folder with these documents new in its inbox."""
    shutil.copytree(source.root, target)
    paths = DataPaths(target)
    for path in new:
        shutil.copyfile(path, paths.inbox / path.name)
    return paths


def read_build_id(paths: DataPaths) -> str:
    """The published file's build_id; it opens, and its tables have the rows that it says."""
    with duckdb.connect(str(paths.published), read_only=True) as con:
        for table, count in con.execute("SELECT table_name, row_count FROM meta.table_hash").fetchall():
            assert con.execute(f"SELECT count(*) FROM {table}").fetchone() == (count,)
        return str(con.execute("SELECT build_id FROM meta.build").fetchall()[0][0])


def read_state(paths: DataPaths) -> State:
    build_id = read_build_id(paths)
    with duckdb.connect(str(paths.published), read_only=True) as con:
        readings = con.execute("FROM core.reading ORDER BY ALL").fetchall()
        captures = con.execute("SELECT origin_text, sha256 FROM raw.capture ORDER BY ALL").fetchall()
    return State(build_id, tuple(readings), tuple(captures))


def list_leftovers(paths: DataPaths) -> list[str]:
    """Everything below the data folder that only a run at work may have there."""
    unfinished = [
        path
        for root in (paths.root / "raw", paths.warehouse)
        for path in root.rglob("*")
        if path.name.startswith(".unfinished-")
        or path.name == "half_merged"
        or path.suffix in (".arriving", ".wal", ".tmp")
    ]
    for index in paths.shards.glob("year=*/index.parquet"):
        with duckdb.connect() as con:
            named = {name for (name,) in con.execute(f"SELECT batch_name FROM '{index}'").fetchall()}
        unfinished += [path for path in index.parent.iterdir() if path.is_dir() and path.name not in named]
    return sorted(str(path.relative_to(paths.root)) for path in unfinished)


def list_stuck(home: Path) -> list[str]:
    """Runs that Dagster shows as in progress, and runs that hold or wait for a place in a pool."""
    with dg.DagsterInstance.from_config(str(home)) as instance:
        stuck = [run.run_id for run in instance.get_runs(dg.RunsFilter(statuses=_UNFINISHED))]
        return [*stuck, *instance.event_log_storage.get_concurrency_run_ids()]
