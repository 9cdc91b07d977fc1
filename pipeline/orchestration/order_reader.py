"""Doing an order: documents fetched from the exchange, read as on one machine, and their batches sent back.

Belongs here: one order from its name to its result, on a machine that has nothing but the exchange. Does not belong
here: the reading (readers.py), batches (storing.py), and where orders come from (dask_queue.py).
"""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from pipeline.archive.store import BlobStore
from pipeline.facts.batches import MANIFEST
from pipeline.orchestration.exchange import Exchange, ExchangeError, Result
from pipeline.orchestration.orders import Order, identify_readers
from pipeline.orchestration.readers import read_documents
from pipeline.orchestration.storing import RowStore
from pipeline.paths import DataPaths


def do_order(exchange: Exchange, name: str, scratch: Path, process_count: int | None = None) -> Result:
    """Read an order's documents and put their batches on the exchange; at once where that was done before.

    Uses and clears a folder of its own under `scratch`. A document that cannot be read is a row, as ever; ExchangeError
    when the order itself cannot be done.
    """
    if (known := exchange.get_result(name)) is not None:
        return known
    order = exchange.get_order(name)
    if order.readers != identify_readers():
        raise ExchangeError(
            f"order {name} is for readers {order.readers}, this machine has {identify_readers()}: install the same "
            "release and the same optional programs here"
        )
    with TemporaryDirectory(dir=scratch, prefix="order-") as folder:
        paths = DataPaths(Path(folder))
        begun = time.monotonic()
        exchange.fetch_blobs(order, BlobStore(paths.blobs))
        fetched = time.monotonic()
        store = _read_order(paths, order, process_count)
        read = time.monotonic()
        batches = {
            folder.relative_to(paths.shards).as_posix(): sorted(file.name for file in folder.iterdir())
            for folder in sorted(manifest.parent for manifest in paths.shards.glob(f"**/{MANIFEST}"))
        }
        result = Result(
            order=name,
            worker=f"{socket.gethostname()}:{os.getpid()}",
            fetch_seconds=round(fetched - begun, 3),
            read_seconds=round(read - fetched, 3),
            partitions=store.partitions,
            batches=batches,
        )
        exchange.put_result(result, paths.shards)
    return result


def _read_order(paths: DataPaths, order: Order, process_count: int | None) -> RowStore:
    store = RowStore(paths)
    for group in read_documents(paths.blobs, order.documents, process_count):
        store.add(group)
    store.finish()
    return store
