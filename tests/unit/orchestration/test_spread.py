"""Giving reading out, with a queue that does orders here: what is half there, twice there or of another release."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from pipeline.archive.ledger import LedgerEntry
from pipeline.archive.store import BlobStore
from pipeline.facts.stages import read_manifest
from pipeline.orchestration import batches, order_reader, spread
from pipeline.orchestration.exchange import Exchange, ExchangeError
from pipeline.orchestration.filing import find_readings
from pipeline.orchestration.order_reader import do_order
from pipeline.orchestration.orders import Order, SpreadError, decode_order, identify_readers, keep_orders
from pipeline.orchestration.readers import read_documents
from pipeline.orchestration.selection import ReadingFilter
from pipeline.orchestration.spread import Spreader, SpreadReading
from pipeline.orchestration.storing import RowStore
from pipeline.paths import DataPaths

PAGE = "<html><body><h1>某某县{year}年政府信息公开工作年度报告</h1><p>{number}</p></body></html>"
YEARS = ("2021", "2022", "2023", "unknown")


class Killed(BaseException):
    """Stands for SIGKILL of the coordinator."""


@dataclass
class QueueHere:
    """Does each order when asked what has ended; `before` and `after` may spoil things, with no worker nothing ends."""

    exchange: Exchange
    scratch: Path
    worker_count: int = 1
    before: Callable[[str], None] = lambda name: None
    after: Callable[[str], None] = lambda name: None
    submitted: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)

    def count_workers(self) -> int:
        return self.worker_count

    def describe_workers(self) -> str:
        return "0 workers"

    def submit(self, name: str) -> None:
        self.submitted.append(name)
        self.waiting.append(name)

    def wait(self, seconds: float) -> Sequence[tuple[str, str]]:
        if not (self.waiting and self.worker_count):
            return []
        name = self.waiting.pop(0)
        self.before(name)
        try:
            do_order(self.exchange, name, self.scratch, 1)
        except ExchangeError as error:
            return [(name, str(error))]
        self.after(name)
        return [(name, "")]


@pytest.fixture(autouse=True)
def small_orders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spread, "_SMALLEST_ORDER", 1)


@pytest.fixture
def exchange(request: pytest.FixtureRequest, tmp_path: Path) -> Exchange:
    """A folder, or the URL that a test asks for."""
    return Exchange(getattr(request, "param", None) or str(tmp_path / "exchange"))


@pytest.fixture
def queue(exchange: Exchange, tmp_path: Path) -> QueueHere:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    return QueueHere(exchange, scratch)


@pytest.fixture
def spreader(exchange: Exchange, queue: QueueHere) -> Spreader:
    return Spreader(exchange, queue, order_size=3, log=lambda line: None)


@pytest.fixture
def entries(put_document: Callable[..., LedgerEntry]) -> list[LedgerEntry]:
    """Seven documents of three years and one that shows none: three orders of at most three."""
    pages = [PAGE.format(year=year, number=number) for year in (2021, 2022, 2023) for number in range(2)]
    return [put_document(page.encode(), year="unknown") for page in (*pages, "<p>opening hours</p>")]


def read_here(paths: DataPaths, entries: Sequence[LedgerEntry]) -> dict[str, str]:
    store = RowStore(paths)
    for group in read_documents(paths.blobs, entries):
        store.add(group)
    store.finish()
    return store.partitions


def outcomes(paths: DataPaths) -> dict[str, tuple[str, str, tuple[str, ...]]]:
    return {
        key: (year, one.outcome, one.issue_codes) for year in YEARS for key, one in read_manifest(paths, year).items()
    }


def names_on(exchange: Exchange, folder: str) -> list[str]:
    return exchange._list_names(folder)


# Memory is a store of objects that knows no folders
@pytest.mark.parametrize("exchange", [None, "memory://exchange"], indirect=True, ids=["folder", "objects"])
def test_what_others_read_is_kept_as_if_read_here(paths, entries, spreader, exchange, tmp_path):
    here = DataPaths(tmp_path / "here")
    for entry in entries:
        BlobStore(here.blobs).put(BlobStore(paths.blobs).get(entry.sha256))
    expected = read_here(here, entries)
    assert spreader.read(paths, entries).partitions == expected
    assert outcomes(paths) == outcomes(here)
    assert names_on(exchange, "orders") == names_on(exchange, "results") == []


def test_documents_are_filed_under_the_years_that_others_found(paths, entries, spreader, monkeypatch):
    moved: dict[str, str] = {}
    monkeypatch.setattr(batches, "load_ledger", lambda paths: entries)
    monkeypatch.setattr(batches, "move_documents", lambda paths, years: moved.update(years))
    result = batches.read_partitions(paths, ReadingFilter(), reader=spreader)
    assert result.read_count == len(entries)
    assert sorted(moved.values()) == ["2021", "2021", "2022", "2022", "2023", "2023"]


def test_nothing_to_read_asks_nobody(paths, spreader, queue):
    assert spreader.read(paths, []) == SpreadReading()
    assert queue.submitted == []


def test_short_reading_is_shared_out_among_all_workers(paths, entries, exchange, queue):
    queue.worker_count = 3
    Spreader(exchange, queue, 1_000, lambda line: None).read(paths, entries)
    assert len(queue.submitted) == 4  # 2 documents each, and the last one: 3 workers have something to do


def test_order_done_before_is_not_read_again(paths, entries, spreader, queue, exchange, monkeypatch):
    """The coordinator dies once everything is done and one order taken in; the next one reads nothing."""
    taken: list[str] = []
    real = Spreader._take_in

    def die(self, *arguments):
        if taken:
            raise Killed
        taken.append(arguments[1])
        return real(self, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(Spreader, "_take_in", die)
        with pytest.raises(Killed):
            spreader.read(paths, entries)
    first = list(queue.submitted)
    done = [name for name in first if exchange.get_result(name)]
    assert len(done) == 1
    assert len(first) == 3

    queue.submitted.clear()
    queue.waiting.clear()
    read: list[str] = []
    real_reading = order_reader.read_documents

    def note(blobs, chosen, count):
        read.extend(entry.document_id for entry in chosen)
        return real_reading(blobs, chosen, count)

    monkeypatch.setattr(order_reader, "read_documents", note)
    known = find_readings(paths, entries)
    partitions = spreader.read(paths, [e for e in entries if e.document_id not in known]).partitions
    assert {*known, *partitions} == {entry.document_id for entry in entries}
    assert sorted(queue.submitted) == sorted(first[1:])  # as they were, not cut anew
    assert len(read) == len(entries) - 3 - 3  # one was taken in, one lay there done


def test_half_a_result_counts_for_nothing(paths, entries, spreader, queue, exchange, tmp_path):
    """A worker dies before its last word: its batches are there and nobody looks at them."""
    exchange.put_blobs(BlobStore(paths.blobs), entries[:3])
    order = Order(tuple(entries[:3]), identify_readers())
    exchange.put_order(order)
    result = do_order(exchange, order.name, queue.scratch, 1)
    exchange._remove(exchange._path("results", order.name, "done.json"))
    folder, names = next(iter(result.batches.items()))
    exchange._files.pipe_file(exchange._path("results", order.name, folder, names[0]), b"half")
    assert exchange.get_result(order.name) is None
    assert spreader.read(paths, entries).partitions.keys() == {entry.document_id for entry in entries}
    assert {outcome for _, outcome, _ in outcomes(paths).values()} == {"rejected"}


@pytest.mark.parametrize("content", [b"half of it", None])
def test_damaged_batch_is_not_taken_in_and_read_by_the_next_run(paths, entries, spreader, queue, exchange, content):
    def spoil(name: str) -> None:
        result = exchange.get_result(name)
        folder, files = next(iter(result.batches.items()))
        path = exchange._path("results", name, folder, next(file for file in files if file.endswith(".parquet")))
        if content is None:
            exchange._remove(path)
        else:
            exchange._files.pipe_file(path, content)

    queue.after = lambda name: spoil(name) if name == queue.submitted[0] else None
    with pytest.raises(SpreadError, match="1 of 3 orders"):
        spreader.read(paths, entries)
    assert len(outcomes(paths)) < len(entries)
    queue.after = lambda name: None
    spreader.read(paths, entries)
    assert len(outcomes(paths)) == len(entries)


def test_damaged_blob_on_the_exchange_is_no_fault_of_the_document(paths, entries, spreader, queue, exchange):
    blob = exchange._blob_path(entries[0].sha256)
    queue.before = lambda name: exchange._files.pipe_file(blob, b"x" * entries[0].byte_count)
    with pytest.raises(SpreadError, match="damaged on the exchange"):
        spreader.read(paths, entries[:1])
    assert outcomes(paths) == {}
    queue.before = lambda name: None
    spreader.read(paths, entries[:1])
    assert outcomes(paths)[entries[0].document_id][0] == "2021"


def test_document_without_bytes_is_the_same_row_as_on_one_machine(paths, entries, spreader):
    BlobStore(paths.blobs).path_of(entries[0].sha256).write_bytes(b"damaged")
    spreader.read(paths, entries)
    assert outcomes(paths)[entries[0].document_id] == ("unknown", "failed", ("blob_damaged",))
    assert len(outcomes(paths)) == len(entries)


def test_machine_with_other_readers_does_no_order(paths, entries, exchange, queue, monkeypatch):
    exchange.put_blobs(BlobStore(paths.blobs), entries)
    order = Order(tuple(entries), "0" * 16)
    exchange.put_order(order)
    with pytest.raises(ExchangeError, match="same release"):
        do_order(exchange, order.name, queue.scratch, 1)
    assert keep_orders(exchange.list_orders(), entries) == ([], entries)


def test_nobody_there_ends_the_reading_and_says_so(paths, entries, spreader, queue):
    queue.worker_count = 0
    with pytest.raises(SpreadError, match="nobody is there"):
        replace(spreader, patience_seconds=0).read(paths, entries)


def test_batch_that_names_a_place_outside_the_shards_is_refused(paths, entries, spreader, queue, exchange):
    def point_elsewhere(name: str) -> None:
        path = exchange._path("results", name, "done.json")
        form = json.loads(exchange._files.cat_file(path))
        form["batches"] = {"../../year=2021/0123456789abcdef": []}
        exchange._files.pipe_file(path, json.dumps(form).encode())

    queue.after = point_elsewhere
    with pytest.raises(SpreadError, match="no partition's folder"):
        spreader.read(paths, entries[:1])


def test_order_done_twice_is_the_same(paths, entries, exchange, queue, spreader):
    """Another machine was thought dead and was not: it ends the order that was given out again."""
    late: list[str] = []

    def do_again(name: str) -> None:
        exchange._remove(exchange._path("results", name, "done.json"))
        late.append(do_order(exchange, name, queue.scratch, 1).order)

    queue.after = do_again
    spreader.read(paths, entries)
    assert len(late) == 3
    assert len(outcomes(paths)) == len(entries)


def test_leftovers_of_readings_that_nobody_wants_are_cleared_away(paths, entries, exchange, queue, spreader):
    exchange.put_blobs(BlobStore(paths.blobs), entries)
    exchange.put_order(order := Order(tuple(entries[:2]), identify_readers()))
    do_order(exchange, order.name, queue.scratch, 1)
    exchange._remove(exchange._order_path(order.name))
    exchange._files.pipe_file(exchange._order_path("f" * 16), b"{}")
    spreader.read(paths, [])
    assert names_on(exchange, "orders") == names_on(exchange, "results") == []


def test_blob_that_is_there_is_not_sent_again(paths, entries, exchange):
    store = BlobStore(paths.blobs)
    assert exchange.put_blobs(store, entries) == []
    for entry in entries:
        store.path_of(entry.sha256).unlink()
    assert exchange.put_blobs(store, entries) == []


def test_part_of_an_order_is_no_order(entries):
    order = Order(tuple(entries), identify_readers())
    assert decode_order(order.encode(), order.name) == order
    with pytest.raises(ValueError, match="damaged"):
        decode_order(order.encode()[:-1], order.name)
