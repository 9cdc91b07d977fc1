"""Publishing while others read, while it is killed, and on a full disk: what stands is always one whole build."""

from __future__ import annotations

import errno
import json
import os
import random
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import duckdb
import pytest

from pipeline.paths import REPO_ROOT, DataPaths
from pipeline.warehouse import swap
from pipeline.warehouse.build import open_build, reopen_build
from pipeline.warehouse.errors import WarehouseError, WarehouseUnwritable
from pipeline.warehouse.increment import forget_fingerprint
from pipeline.warehouse.publish import publish
from pipeline.warehouse.swap import explain_unwritable

PUBLICATIONS = 50
COUNTED = ("core.report", "core.cell", "core.section", "mart.agency_year", "mart.request_outcome")
# Opens the file anew each time, as a program of ours does, and compares what it says of itself with what is in it
READER = """
import json, os, sys
from pathlib import Path
from pipeline.warehouse.opening import connect_read_only
path, stop, counted = Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
reads, builds = 0, set()
os.nice(10)
while not os.path.exists(stop) or not reads:
    with connect_read_only(path) as con:
        build_id = con.execute("SELECT build_id FROM meta.build").fetchall()[0][0]
        said = dict(con.execute("SELECT table_name, row_count FROM meta.table_hash").fetchall())
        for table in counted:
            (count,) = con.execute(f"SELECT count(*) FROM {table}").fetchone()
            assert count == said[table], (build_id, table, count, said[table])
    reads += 1
    builds.add(build_id)
print(json.dumps({"reads": reads, "builds": sorted(builds)}))
"""
# The same without a line of ours, as analysts open it
ANY_CLIENT = READER.replace("from pipeline.warehouse.opening import connect_read_only", "import duckdb").replace(
    "connect_read_only(path)", "duckdb.connect(str(path), read_only=True)"
)
BUILD_FOR_EVER = """
import sys
from pathlib import Path
from pipeline.paths import DataPaths
from pipeline.warehouse.build import load_core, open_build
from pipeline.warehouse.models import load_models, run_models
paths = DataPaths(Path(sys.argv[1]))
print("ready", flush=True)
while True:
    with open_build(paths) as con:
        load_core(con, paths)
        run_models(con, load_models())
"""
PUBLISH_FOR_EVER = """
import sys
from pathlib import Path
from pipeline.paths import DataPaths
from pipeline.warehouse.publish import publish
paths = DataPaths(Path(sys.argv[1]))
print("ready", flush=True)
while True:
    publish(paths.build, paths)
"""
# Dies at one exact moment of the swap
PUBLISH_AND_DIE = """
import os, signal, sys
from pathlib import Path
from pipeline.paths import DataPaths
from pipeline.warehouse import swap
from pipeline.warehouse.publish import publish
moment, replace = sys.argv[2], os.replace

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

def copy_half(source, target):
    Path(target).write_bytes(Path(source).read_bytes()[: 100_000])
    die()

def replace_and_die(source, target):
    replace(source, target)
    die()

if moment == "copying":
    swap.copy_file = copy_half
elif moment == "copied":
    os.replace = die
else:
    os.replace = replace_and_die
paths = DataPaths(Path(sys.argv[1]))
publish(paths.build, paths)
"""
CHANGE_AND_DIE = """
import os, signal, sys, duckdb
con = duckdb.connect(sys.argv[1])
con.execute("CREATE TABLE left_behind AS SELECT 1 AS n")
os.kill(os.getpid(), signal.SIGKILL)
"""
PUBLISH_ON_A_FULL_DISK = """
import resource, sys
from pathlib import Path
from pipeline.paths import DataPaths
from pipeline.warehouse import publish as publishing
from pipeline.warehouse.errors import WarehouseUnwritable
paths, swap_in = DataPaths(Path(sys.argv[1])), publishing.swap_in

def fill_disk(*arguments):
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
    swap_in(*arguments)

publishing.swap_in = fill_disk
try:
    publishing.publish(paths.build, paths)
except WarehouseUnwritable as error:
    print(error)
    sys.exit(3)
"""
BUILD_ON_A_FULL_DISK = """
import resource, sys
from pathlib import Path
from pipeline.paths import DataPaths
from pipeline.warehouse.build import load_core, open_build
from pipeline.warehouse.errors import WarehouseUnwritable
from pipeline.warehouse.swap import explain_unwritable
paths = DataPaths(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
try:
    with explain_unwritable(paths.published), open_build(paths) as con:
        load_core(con, paths)
        con.execute("CHECKPOINT")
except WarehouseUnwritable as error:
    print(error)
    sys.exit(3)
"""


def start(script: str, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.Popen(command, cwd=REPO_ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def read_build_id(published: Path) -> str:
    """The published file's build_id, after making sure that it is whole; in a process of its own, as a client would."""
    reader = start(READER, published, "/", *COUNTED)
    out, err = reader.communicate(timeout=60)
    assert reader.returncode == 0, err
    (build_id,) = json.loads(out)["builds"]
    return str(build_id)


def list_files(paths: DataPaths) -> list[str]:
    return sorted(path.name for path in paths.warehouse.iterdir() if path.is_file())


def make_second_build(paths: DataPaths) -> Path:
    """Another build beside the first, with other rows in the tables that readers count."""
    other = paths.build.with_name("other.duckdb")
    shutil.copyfile(paths.build, other)
    with duckdb.connect(str(other)) as con:
        con.execute("DELETE FROM core.section WHERE report_id = (SELECT min(report_id) FROM core.section)")
        forget_fingerprint(con, "core.section")
        con.execute("UPDATE core.agency SET region_path_text = 'moved'")
    return other


def test_readers_see_one_whole_version_through_many_publications(paths, published, tmp_path) -> None:
    # DuckDB 2.0 opens the file by its name more than once: what others may see then is for the cookbook to say
    scripts = (READER, READER) if duckdb.__version__.startswith("2.") else (READER, ANY_CLIENT)
    with reopen_build(paths) as con:
        # Most of a small warehouse's rows, and of the time its publication takes
        con.execute("DELETE FROM core.division_lineage")
        con.execute("DELETE FROM core.division")
    publish(paths.build, paths, accept_shrinkage=True)
    builds, stop = (paths.build, make_second_build(paths)), tmp_path / "stop"
    readers = [start(script, paths.published, stop, *COUNTED) for script in scripts]
    identities = {publish(builds[number % 2], paths).build_id for number in range(PUBLICATIONS)}
    stop.touch()
    assert len(identities) == 2
    for reader in readers:
        out, err = reader.communicate(timeout=60)
        assert reader.returncode == 0, err
        seen = json.loads(out)
        assert seen["reads"] > 1
        assert set(seen["builds"]) <= identities
    assert list_files(paths) == ["touming.duckdb"]


@pytest.mark.parametrize("script", [BUILD_FOR_EVER, PUBLISH_FOR_EVER], ids=["building", "publishing"])
def test_killed_at_any_moment_the_published_file_stands(paths, published, build_stages, reports, script) -> None:
    moments = random.Random(20260131)
    for _ in range(5):
        victim = start(script, paths.root)
        assert victim.stdout is not None
        assert victim.stdout.readline() == "ready\n"
        # Where it is killed depends on the machine; what must hold does not
        with suppress(subprocess.TimeoutExpired):
            victim.wait(timeout=moments.uniform(0, 0.7))
        victim.send_signal(signal.SIGKILL)
        victim.communicate(timeout=60)
        assert read_build_id(paths.published) == published.build_id
    build_stages(reports)
    assert publish(paths.build, paths).build_id == published.build_id
    assert list_files(paths) == ["touming.duckdb"]


@pytest.mark.parametrize(("moment", "is_new"), [("copying", False), ("copied", False), ("replaced", True)])
def test_killed_within_the_swap_it_is_the_old_file_or_the_new_one(paths, published, moment, is_new) -> None:
    shutil.copyfile(make_second_build(paths), paths.build)
    victim = start(PUBLISH_AND_DIE, paths.root, moment)
    _, err = victim.communicate(timeout=60)
    assert victim.returncode == -signal.SIGKILL, err
    assert (read_build_id(paths.published) != published.build_id) == is_new
    assert (list_files(paths) == ["touming.duckdb"]) == is_new
    # The next publication removes what was left behind
    assert publish(paths.build, paths).build_id == read_build_id(paths.published) != published.build_id
    assert list_files(paths) == ["touming.duckdb"]


def test_a_copy_that_another_process_is_making_is_left_alone(paths, published) -> None:
    other = start("import sys; print('ready', flush=True); sys.stdin.read()")
    with other:
        arriving = paths.published.with_name(f".touming.duckdb.{other.pid}.arriving")
        arriving.write_bytes(b"half")
        swap.remove_leftovers(paths.published)
        assert arriving.exists()
        other.kill()
    swap.remove_leftovers(paths.published)
    assert not arriving.exists()


def test_what_a_process_of_this_number_left_is_removed(paths, published) -> None:
    """In a container every process may have the same one; the log of its copy would be taken for that of the next."""
    arriving = paths.published.with_name(f".touming.duckdb.{os.getpid()}.arriving")
    shutil.copyfile(paths.published, arriving)
    victim = start(CHANGE_AND_DIE, arriving)
    victim.communicate(timeout=60)
    assert arriving.with_name(f"{arriving.name}.wal").exists()
    assert publish(paths.build, paths).build_id == published.build_id
    assert list_files(paths) == ["touming.duckdb"]
    with duckdb.connect(str(paths.published), read_only=True) as con:
        assert con.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = 'left_behind'").fetchall() == []


@pytest.mark.parametrize("script", [PUBLISH_ON_A_FULL_DISK, BUILD_ON_A_FULL_DISK], ids=["publishing", "building"])
def test_on_a_full_disk_the_published_file_stands(paths, published, script) -> None:
    before = paths.published.read_bytes()
    shutil.copyfile(make_second_build(paths), paths.build)
    run = start(script, paths.root)
    out, err = run.communicate(timeout=120)
    assert run.returncode == 3, err
    assert "Free space" in out
    assert paths.published.read_bytes() == before
    assert list_files(paths) == ["touming.duckdb"]


@pytest.mark.parametrize(
    ("number", "next_step"),
    [
        (errno.ENOSPC, "Free space"),
        (errno.EROFS, "write access"),
        (errno.EACCES, "write access"),
        (errno.EIO, "Look at the disk"),
    ],
)
def test_what_the_disk_says_is_said_with_what_to_do(paths, published, monkeypatch, number, next_step) -> None:
    before = paths.published.read_bytes()

    def refuse(_source: Path, target: Path) -> None:
        Path(target).write_bytes(b"begun")
        raise OSError(number, "no", str(target))

    monkeypatch.setattr(swap, "copy_file", refuse)
    with pytest.raises(WarehouseUnwritable, match=rf"arriving: cannot be written.*{next_step}"):
        publish(paths.build, paths)
    assert paths.published.read_bytes() == before
    assert list_files(paths) == ["touming.duckdb"]


def test_a_place_that_is_no_folder_is_said(tmp_path) -> None:
    paths = DataPaths(tmp_path)
    paths.warehouse.write_text("in the way")
    with pytest.raises(WarehouseUnwritable, match="write access"), explain_unwritable(paths.published):
        open_build(paths)


def test_what_is_no_fault_of_the_disk_is_not_said_to_be_one(paths) -> None:
    with pytest.raises(WarehouseError, match="cannot be published") as raised, explain_unwritable(paths.published):
        duckdb.connect().execute("SELECT * FROM nowhere")
    assert not isinstance(raised.value, WarehouseUnwritable)
