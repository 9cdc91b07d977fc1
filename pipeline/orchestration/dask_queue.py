"""Dask as the engine that brings orders to machines; nothing else in the project knows it.

Belongs here: the client of the coordinator, the worker process, and which workers may do which orders. Does not belong
here: what an order is (orders.py), doing one (order_reader.py), and what is done with results (spread.py).

Dask carries names of orders, never documents or rows. A worker declares the readers it has as a resource, one of it,
and an order asks for that: a worker with other readers is never given one, and each does one at a time.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import distributed
from distributed.diagnostics.plugin import WorkerPlugin

from pipeline.orchestration.exchange import Exchange
from pipeline.orchestration.order_reader import do_order
from pipeline.orchestration.orders import SpreadError, identify_readers

_PLUGIN = "order-reader"
_CONNECT_SECONDS = 30
# An order that failed is given out again, to another worker where there is one
_RETRIES = 2


@dataclass(slots=True)
class DaskQueue:
    """Orders on their way through one Dask scheduler. A context manager: leaving it takes back what is not done."""

    scheduler: str
    _client: Any = None
    _open: dict[Any, str] = field(default_factory=dict)
    _ended: SimpleQueue[Any] = field(default_factory=SimpleQueue)

    def __enter__(self) -> DaskQueue:
        try:
            self._client = distributed.Client(self.scheduler, timeout=_CONNECT_SECONDS, set_as_default=False)
        except OSError as error:
            raise SpreadError(
                f"no scheduler answers at {self.scheduler} ({error}); start dask scheduler there, or unset the "
                "address to read on this machine"
            ) from error
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def count_workers(self) -> int:
        """Workers with the readers of this machine."""
        return sum(_resource() in worker["resources"] for worker in self._list_workers())

    def describe_workers(self) -> str:
        """How many workers there are, and the addresses of those with other readers."""
        workers = self._list_workers()
        others = [str(worker["name"]) for worker in workers if _resource() not in worker["resources"]]
        if others:
            return f"{len(workers)} workers, of which these have other readers than this machine: {', '.join(others)}"
        return f"{len(workers)} workers at {self.scheduler}"

    def submit(self, name: str) -> None:
        """Give an order out under a key of its own: one of a coordinator that was killed may still be going on."""
        future = self._client.submit(
            _do_order_here,
            name,
            key=f"read-{name}-{uuid.uuid4().hex[:8]}",
            resources={_resource(): 1},
            retries=_RETRIES,
            pure=False,
        )
        self._open[future] = name
        future.add_done_callback(self._ended.put)

    def wait(self, seconds: float) -> Sequence[tuple[str, str]]:
        """Orders that have ended since the last call, each with '' or the reason that Dask gives."""
        if not self._open:
            return []
        try:
            ended = [self._ended.get(timeout=seconds)]
        except Empty:
            return []
        while not self._ended.empty():
            ended.append(self._ended.get())
        return [(self._open.pop(future), "" if future.status == "finished" else _explain(future)) for future in ended]

    def _list_workers(self) -> list[Any]:
        workers = self._client.scheduler_info(n_workers=-1).get("workers")
        if workers is None:
            raise SpreadError(
                f"the scheduler at {self.scheduler} has gone; start it and run again: what was taken in is kept, "
                "and what workers have done lies on the exchange"
            )
        return list(workers.values())


def serve_orders(scheduler: str, exchange_url: str, process_count: int | None, folder: Path | None) -> None:
    """Do orders on this machine until the scheduler goes away; scratch files go to `folder`."""
    reader = _OrderReader(exchange_url, process_count)

    async def serve() -> None:
        worker = await distributed.Worker(
            scheduler,
            nthreads=1,
            # A document has limits of its own and is read in another process
            memory_limit=0,
            local_directory=str(folder) if folder else None,
            resources={_resource(): 1},
            plugins=[reader],
            dashboard=False,
        )
        await worker.finished()

    asyncio.run(serve())


class _OrderReader(WorkerPlugin):  # type: ignore[misc]  # Dask is untyped where the extra is missing
    """What a worker process knows: the exchange as this machine reaches it, and how many processes read."""

    name = _PLUGIN

    def __init__(self, exchange_url: str, process_count: int | None) -> None:
        self.exchange = Exchange(exchange_url)
        self.process_count = process_count


def _do_order_here(name: str) -> None:
    """Runs in a worker. What it came to is on the exchange."""
    worker = distributed.get_worker()
    reader = worker.plugins[_PLUGIN]
    do_order(reader.exchange, name, Path(worker.local_directory), reader.process_count)


def _resource() -> str:
    return f"readers-{identify_readers()}"


def _explain(future: Any) -> str:
    if future.status == "error":
        error = future.exception()
        return f"{type(error).__name__}: {error}"
    return f"it was {future.status}: the scheduler has gone or was started anew"
