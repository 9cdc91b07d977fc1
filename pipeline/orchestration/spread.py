"""Reading on several machines: documents go out as orders, batches come back into the shards of this one.

Belongs here: which documents make which orders, taking results in, going on after a death, and telling how it goes.
Does not belong here: the files in between (exchange.py), the engine that brings orders to machines (dask_queue.py), and
doing an order (order_reader.py).

This machine alone has the ledger, the shards and the warehouse. It can be killed at any moment: orders and results stay
on the exchange, and the next reading goes on with them.
"""

from __future__ import annotations

import fcntl
import math
import re
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from pipeline.archive.ledger import LedgerEntry
from pipeline.archive.store import BlobStore
from pipeline.facts.batches import adopt_batch
from pipeline.orchestration.exchange import Exchange, ExchangeError, Result
from pipeline.orchestration.orders import Order, SpreadError, identify_readers, keep_orders
from pipeline.orchestration.readers import read_documents
from pipeline.orchestration.storing import RowStore
from pipeline.paths import DataPaths
from pipeline.progress import tell_progress

# A partition's folder and a batch in it: what a worker sends is put nowhere else
_BATCH_FOLDER = re.compile(r"(?:[a-z]+=[0-9a-z]+/)+[0-9a-f]{16}")
# A machine that ends an order finds the next one there, and little is lost when this one is killed
_ORDERS_AHEAD = 2
_SMALLEST_ORDER = 50
# How long nobody may be there who could do an order
_PATIENCE_SECONDS = 600.0
_LOOK_SECONDS = 30.0
_NAMED_FAILURES = 5


class OrderQueue(Protocol):
    """What brings orders to machines: an engine, as the coordinator sees it."""

    def count_workers(self) -> int:
        """Machines that can do orders now."""

    def describe_workers(self) -> str:
        """Who is there, and who is but cannot, in a sentence."""

    def submit(self, name: str) -> None:
        """Have the order of this name done by some machine, and by another one should that die."""

    def wait(self, seconds: float) -> Sequence[tuple[str, str]]:
        """Orders that have ended since the last call, each with '' or why it was not done; none after so long."""


@dataclass(slots=True)
class SpreadReading:
    """What a reading has come to. partitions as RowStore has them, failures: reason by order name."""

    partitions: dict[str, str] = field(default_factory=dict)
    results: list[Result] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Spreader:
    """Gives the reading of documents out to other machines.

    order_size: documents an order has at most. log: is told what happens, a line at a time.
    """

    exchange: Exchange
    queue: OrderQueue
    order_size: int
    log: Callable[[str], None]
    patience_seconds: float = _PATIENCE_SECONDS

    def read(self, paths: DataPaths, entries: Sequence[LedgerEntry]) -> SpreadReading:
        """Read every entry on some machine and keep the batches here, unmerged.

        SpreadError when orders remain that nobody could do, after all the others are taken in, or when nobody is there.
        """
        reading = SpreadReading()
        with _hold_exchange(paths):
            given_out, rest = keep_orders(self.exchange.list_orders(), entries)
            self.exchange.remove_others(keep=[order.name for order in given_out])
            if given_out:
                self.log(f"going on with {len(given_out)} orders of a reading that was cut short")
            groups: list[Sequence[LedgerEntry]] = [order.documents for order in given_out]
            size = self._choose_size(len(rest))
            groups += [rest[start : start + size] for start in range(0, len(rest), size)]
            unusable = self._drive(paths, groups, reading)
        if unusable:
            self.log(f"{len(unusable)} documents lack their bytes; reading them here says what is wrong")
            _read_here(paths, unusable, reading)
        if reading.failures:
            raise SpreadError(_describe_failures(reading.failures, len(groups)))
        return reading

    def _choose_size(self, document_count: int) -> int:
        """Documents an order gets: a short night is shared out, too."""
        share = math.ceil(document_count / (_ORDERS_AHEAD * max(self.queue.count_workers(), 1)))
        return min(self.order_size, max(share, _SMALLEST_ORDER))

    def _drive(
        self, paths: DataPaths, groups: Sequence[Sequence[LedgerEntry]], reading: SpreadReading
    ) -> list[LedgerEntry]:
        """Give out and take in until nothing is left; returns the entries whose bytes are not here."""
        to_give, open_count = deque(groups), 0
        unusable: list[LedgerEntry] = []
        last_seen = time.monotonic()
        while to_give or open_count:
            worker_count = self.queue.count_workers()
            if worker_count:
                last_seen = time.monotonic()
            elif time.monotonic() - last_seen >= self.patience_seconds:
                raise SpreadError(
                    f"nobody is there to read, for {self.patience_seconds:g} s: {self.queue.describe_workers()}; start "
                    "workers (touming worker) and run again: what was read is kept"
                )
            while to_give and open_count < _ORDERS_AHEAD * max(worker_count, 1):
                order, without_bytes = self._make_order(paths, to_give.popleft())
                unusable += without_bytes
                if order.documents:
                    self.queue.submit(order.name)
                    open_count += 1
            for name, failure in self.queue.wait(_LOOK_SECONDS):
                open_count -= 1
                outcome = self._take_in(paths, name, failure, reading)
                self.log(f"{len(reading.results) + len(reading.failures)} of {len(groups)} orders: {name} {outcome}")
                tell_progress("reading documents", len(reading.partitions), sum(map(len, groups)))
        return unusable

    def _make_order(self, paths: DataPaths, group: Sequence[LedgerEntry]) -> tuple[Order, list[LedgerEntry]]:
        """Put blobs first and the order last, so that whoever finds the order finds all of it."""
        without_bytes = self.exchange.put_blobs(BlobStore(paths.blobs), group)
        lacking = {entry.document_id for entry in without_bytes}
        order = Order(tuple(entry for entry in group if entry.document_id not in lacking), identify_readers())
        if order.documents:
            self.exchange.put_order(order)
        return order, without_bytes

    def _take_in(self, paths: DataPaths, name: str, failure: str, reading: SpreadReading) -> str:
        """Move the batches of an order into the shards and clear it away; what became of it, in words."""
        result = None if failure else self.exchange.get_result(name)
        if result is None:
            reading.failures[name] = failure or "its result is not on the exchange: do all machines use the same one?"
            return f"was not done: {reading.failures[name]}"
        try:
            for folder, files in self.exchange.fetch_batches(result):
                if not _BATCH_FOLDER.fullmatch(folder.as_posix()):
                    raise ExchangeError(f"batch {folder} is in no partition's folder")
                adopt_batch(paths.shards / folder.parent, folder.name, files)
        except (ExchangeError, ValueError) as error:
            self.exchange.remove_order(name)
            reading.failures[name] = str(error)
            return f"came back damaged: {error}"
        self.exchange.remove_order(name)
        reading.results.append(result)
        reading.partitions.update(result.partitions)
        return (
            f"was read by {result.worker}: {len(result.partitions)} documents in {result.read_seconds:.1f} s, "
            f"fetched in {result.fetch_seconds:.1f} s"
        )


def _read_here(paths: DataPaths, entries: Sequence[LedgerEntry], reading: SpreadReading) -> None:
    store = RowStore(paths)
    for group in read_documents(paths.blobs, entries):
        store.add(group)
    store.finish()
    reading.partitions.update(store.partitions)


@contextmanager
def _hold_exchange(paths: DataPaths) -> Iterator[None]:
    """One reading of this data folder uses the exchange at a time: the next waits. The lock is on this machine."""
    paths.warehouse.mkdir(parents=True, exist_ok=True)
    with (paths.warehouse / "exchange.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _describe_failures(failures: Mapping[str, str], order_count: int) -> str:
    named = "; ".join(f"{name}: {why}" for name, why in sorted(failures.items())[:_NAMED_FAILURES])
    return (
        f"{len(failures)} of {order_count} orders were not done; all others are kept, and the next run goes on "
        f"with these: {named}"
    )
