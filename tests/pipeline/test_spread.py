"""Reading on several machines for real: a scheduler, workers as processes with nothing in common, some killed."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.corpus import build_corpus
from pipeline.archive.ledger import load_ledger
from pipeline.paths import DataPaths
from pipeline.warehouse.query import run_query
from tests.pipeline.machines_for_tests import TOUMING, Machines, kill, make_machines, wait_until

pytest.importorskip("distributed", reason="the extra touming[spread] is not installed")

DOCUMENTS = 260


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("documents")
    for one in build_corpus(DOCUMENTS, seed=11, formats=["page", "word", "docx-clean"]):
        (folder / one.name).write_bytes(one.content)
    (folder / "hangs-nobody.html").write_bytes(b"<html><body>\xff\xfe" + b"<table>" * 2_000)
    return folder


@pytest.fixture(scope="module")
def build_id(documents: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """What one machine makes of the documents."""
    folder = tmp_path_factory.mktemp("one")
    alone = Machines(folder, [()], "127.0.0.1", "")
    data = folder / "data"
    process = alone.start(0, "run", *TOUMING, "run", str(documents), TOUMING_DATA=str(data))
    assert process.wait() in (0, 4), alone.read_log("run")
    return read_build_id(data)


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[Machines]:
    with make_machines(tmp_path, 2) as made:
        yield made


@pytest.fixture
def scheduler(machines: Machines) -> subprocess.Popen[bytes]:
    return machines.start_scheduler()


def read_build_id(data: Path) -> str:
    return str(run_query(DataPaths(data).published, "SELECT build_id FROM meta.build").rows[0][0])


def has_order(machines: Machines, worker: int) -> bool:
    """Whether a worker has fetched documents of an order it has not ended."""
    return any((machines.folder / f"worker{worker}").glob("**/order-*/raw/blobs/*"))


def list_left(machines: Machines) -> list[Path]:
    exchange = Path(machines.exchange)
    return [path for folder in ("orders", "results") for path in (exchange / folder).glob("*")]


def test_worker_killed_midway_costs_an_order_and_changes_nothing(machines, scheduler, documents, build_id, tmp_path):
    workers = {number: machines.start_worker(number) for number in (1, 2)}
    for number in workers:
        wait_until(lambda number=number: "Registered to" in machines.read_log(f"worker{number}"), f"worker {number}")
    run = machines.start_run(tmp_path / "data", documents)
    wait_until(lambda: has_order(machines, 1) or run.poll() is not None, "an order on its way")
    kill(workers[1])
    assert run.wait() in (0, 4), machines.read_log("run")
    assert read_build_id(tmp_path / "data") == build_id
    assert list_left(machines) == []
    # What the worker that is left did is told where the operator looks
    events = b"".join(path.read_bytes() for path in (tmp_path / "data" / "dagster").glob("**/*.db*"))
    assert b"was read by" in events
    assert f"{DOCUMENTS + 1} documents read" in machines.read_log("run")


def test_coordinator_killed_midway_goes_on_with_what_was_done(machines, scheduler, documents, build_id, tmp_path):
    machines.start_worker(1)
    data = DataPaths(tmp_path / "data")
    run = machines.start_run(data.root, documents)
    wait_until(lambda: any(data.shards.glob("*/*/manifest.json")) or run.poll() is not None, "an order taken in")
    kill(run)
    taken_in = len(list(data.shards.glob("*/*/manifest.json")))
    assert taken_in
    assert {entry.partition_year for entry in load_ledger(data)} == {"unknown"}  # killed before anything was filed
    run = machines.start_run(data.root, documents)
    assert run.wait() in (0, 4), machines.read_log("run")
    assert read_build_id(data.root) == build_id
    assert list_left(machines) == []


def test_worker_of_another_release_is_given_nothing(machines, scheduler):
    other = (
        "import pipeline.facts.rows as rows; rows.FACTS_VERSION = 'other'\n"
        "import pipeline.orchestration.reading as reading; reading.FACTS_VERSION = 'other'\n"
        f"from pipeline.cli.main import main; main(['worker', '--scheduler', {machines.scheduler!r}, "
        f"'--exchange', {machines.exchange!r}])"
    )
    machines.start(1, "worker1", "-c", other)
    asks = (
        "import sys; from pipeline.orchestration.dask_queue import DaskQueue\n"
        f"with DaskQueue({machines.scheduler!r}) as queue:\n"
        "    while '1 workers' not in queue.describe_workers(): pass\n"
        "    print(queue.count_workers(), queue.describe_workers())"
    )
    assert machines.start(0, "ask", "-c", asks).wait() == 0, machines.read_log("ask")
    assert machines.read_log("ask").startswith("0 1 workers, of which these have other readers")


def test_scheduler_that_dies_ends_the_reading_with_what_to_do(machines, scheduler):
    asks = (
        "from pipeline.orchestration.dask_queue import DaskQueue\n"
        f"with DaskQueue({machines.scheduler!r}) as queue:\n"
        "    print('connected', flush=True)\n"
        "    while True: queue.count_workers()"
    )
    asking = machines.start(0, "ask", "-c", asks)
    wait_until(lambda: "connected" in machines.read_log("ask"), "a client")
    kill(scheduler)
    assert asking.wait() == 1
    assert f"SpreadError: the scheduler at {machines.scheduler} has gone" in machines.read_log("ask")


def test_missing_scheduler_fails_the_run_with_what_to_do(documents, tmp_path):
    alone = Machines(tmp_path, [()], "127.0.0.1", str(tmp_path / "exchange"))
    run = alone.start(
        0,
        "run",
        *TOUMING,
        "run",
        str(documents),
        TOUMING_DATA=str(tmp_path / "data"),
        TOUMING_SCHEDULER="tcp://127.0.0.1:9",
        TOUMING_EXCHANGE=alone.exchange,
        DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT="1s",
    )
    assert run.wait() == 1
    assert "no scheduler answers at tcp://127.0.0.1:9" in alone.read_log("run")
