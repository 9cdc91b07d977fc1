"""The exchange: the one place that several machines share, as files under a URL that fsspec understands.

Belongs here: where orders, blobs and results lie, and finding out what is only half there. Does not belong here: what
an order asks for (orders.py), reading (order_reader.py), giving out (spread.py).

    blobs/ab/abcdef…                      bytes of a document, named by their sha256, as under data/raw/blobs
    orders/<name>.json                    named by its content
    results/<order>/<partition>/<batch>/  files of a batch as reading writes them, named by their content
    results/<order>/done.json             written last: without it the order is not done

Nothing is locked and nothing is renamed, since object stores and network file systems do neither well: what a name
promises is checked when it is read.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import fsspec
from fsspec.utils import get_protocol

from pipeline.archive.ledger import LedgerEntry
from pipeline.archive.store import BlobDamagedError, BlobMissingError, BlobStore
from pipeline.orchestration.orders import Order, decode_order

# Requests in flight at a time: an object store answers each in tens of milliseconds, whatever its size
_AT_ONCE = 16
_DONE = "done.json"


class ExchangeError(RuntimeError):
    """Something that should be on the exchange is not, or is damaged."""


@dataclass(frozen=True, slots=True)
class Result:
    """What doing one order came to. Written by a worker, and complete once it can be read.

    partitions: the partition of each document by id. batches: file names of each batch by its folder, relative to the
    shards.
    """

    order: str
    worker: str
    fetch_seconds: float
    read_seconds: float
    partitions: Mapping[str, str]
    batches: Mapping[str, Sequence[str]]


class Exchange:
    """Files under one URL: a folder, file://…, s3://… and whatever else fsspec has a file system for."""

    def __init__(self, url: str) -> None:
        # An answer from a cache of listings would hide what another machine has written since
        options: dict[str, Any] = {"use_listings_cache": False}
        if get_protocol(url) in ("file", "local"):
            options = {"auto_mkdir": True}
        self._files, self._root = fsspec.core.url_to_fs(url, **options)

    def put_blobs(self, store: BlobStore, documents: Sequence[LedgerEntry]) -> list[LedgerEntry]:
        """Put the bytes of documents where workers find them, each that is not there yet.

        Returns those whose bytes the store does not have whole.
        """
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            is_there = threads.map(lambda entry: self._put_blob(store, entry), documents)
            return [entry for entry, there in zip(documents, is_there, strict=True) if not there]

    def fetch_blobs(self, order: Order, store: BlobStore) -> None:
        """Copy the bytes of an order's documents into a store of this machine.

        ExchangeError for bytes that are not there or damaged; damaged ones are removed, so that they are put anew.
        """
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            list(threads.map(lambda sha256: self._fetch_blob(sha256, store), {e.sha256 for e in order.documents}))

    def put_order(self, order: Order) -> None:
        """Write an order; one that is there already is the same."""
        self._files.pipe_file(self._order_path(order.name), order.encode())

    def get_order(self, name: str) -> Order:
        """The order of this name; ExchangeError when it is not there or damaged."""
        try:
            return decode_order(self._files.cat_file(self._order_path(name)), name)
        except (FileNotFoundError, ValueError) as error:
            raise ExchangeError(f"order {name} cannot be done: {error}; run the reading again") from error

    def list_orders(self) -> list[Order]:
        """Orders given out and not taken in yet; damaged ones count as none."""
        orders = []
        for name in self._list_names("orders"):
            try:
                orders.append(self.get_order(name.removesuffix(".json")))
            except ExchangeError:
                continue
        return orders

    def put_result(self, result: Result, shards: Path) -> None:
        """Write the batches that lie under `shards`, and the word that they are complete last."""
        for folder, names in result.batches.items():
            for name in names:
                content = shards.joinpath(folder, name).read_bytes()
                self._files.pipe_file(self._path("results", result.order, folder, name), content)
        self._files.pipe_file(self._path("results", result.order, _DONE), json.dumps(asdict(result)).encode())

    def get_result(self, name: str) -> Result | None:
        """What the order of this name came to, None while it is not done."""
        try:
            form = json.loads(self._files.cat_file(self._path("results", name, _DONE)))
        except (FileNotFoundError, ValueError):  # not done, or its writer was killed in the middle of the word
            return None
        return Result(**form)

    def fetch_batches(self, result: Result) -> Iterator[tuple[PurePosixPath, Mapping[str, bytes]]]:
        """Each batch of a result: its folder, relative to the shards, and its files by name.

        ExchangeError for files that are not there. Whether the bytes are right is for the reader of the batch to tell.
        """
        for folder, names in result.batches.items():
            files = {}
            for name in names:
                try:
                    files[name] = self._files.cat_file(self._path("results", result.order, folder, name))
                except FileNotFoundError as error:
                    raise ExchangeError(f"order {result.order} lacks {folder}/{name}; run the reading again") from error
            yield PurePosixPath(folder), files

    def remove_order(self, name: str) -> None:
        """Clear away an order and what it came to, in an order that leaves nothing half done."""
        for path in (self._path("results", name, _DONE), self._order_path(name)):
            self._remove(path)
        self._remove(self._path("results", name), recursive=True)

    def remove_others(self, keep: Iterable[str]) -> None:
        """Clear away every order that is not kept, and every result without an order."""
        orders = {name.removesuffix(".json") for name in self._list_names("orders")}
        for name in (orders | set(self._list_names("results"))) - set(keep):
            self.remove_order(name)

    def _put_blob(self, store: BlobStore, entry: LedgerEntry) -> bool:
        path = self._blob_path(entry.sha256)
        try:
            if self._files.info(path)["size"] == entry.byte_count:
                return True
        except FileNotFoundError:
            pass
        try:
            content = store.get(entry.sha256)
        except (BlobMissingError, BlobDamagedError, OSError):
            return False
        self._files.pipe_file(path, content)
        return True

    def _fetch_blob(self, sha256: str, store: BlobStore) -> None:
        path = self._blob_path(sha256)
        try:
            content = self._files.cat_file(path)
        except FileNotFoundError as error:
            raise ExchangeError(f"blob {sha256} is not on the exchange; run the reading again") from error
        if hashlib.sha256(content).hexdigest() != sha256:
            self._remove(path)
            raise ExchangeError(f"blob {sha256} was damaged on the exchange and is removed; run the reading again")
        # Scratch: it need not outlive the machine, and reading verifies it once more
        target = store.path_of(sha256)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)

    def _list_names(self, folder: str) -> list[str]:
        try:
            return sorted(PurePosixPath(path).name for path in self._files.ls(self._path(folder), detail=False))
        except FileNotFoundError:
            return []

    def _remove(self, path: str, *, recursive: bool = False) -> None:
        with suppress(FileNotFoundError):
            self._files.rm(path, recursive=recursive)

    def _order_path(self, name: str) -> str:
        return self._path("orders", f"{name}.json")

    def _blob_path(self, sha256: str) -> str:
        return self._path("blobs", sha256[:2], sha256)

    def _path(self, *parts: str) -> str:
        return "/".join((self._root.rstrip("/"), *parts))
