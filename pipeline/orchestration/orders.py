"""Orders: which documents are read together on another machine, and by which readers.

Belongs here: an order as a value and as bytes, which of yesterday's still stand, and what tells one set of readers from
another. Does not belong here: where orders lie (exchange.py), doing one (order_reader.py), and handing them out
(spread.py).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from pipeline.archive.ledger import LedgerEntry
from pipeline.documents.read import READER_VERSIONS
from pipeline.facts.batches import row_shape
from pipeline.orchestration.reading import reading_version

_NAME_DIGITS = 16


class SpreadError(RuntimeError):
    """Reading on other machines did not come to its end; what was read is kept, and the next run goes on from there."""


@dataclass(frozen=True, slots=True)
class Order:
    """Documents to read in one go, and the readers that must do it. The same content gives the same name."""

    documents: tuple[LedgerEntry, ...]
    readers: str

    def encode(self) -> bytes:
        """The order as JSON; equal orders give equal bytes."""
        form = {"readers": self.readers, "documents": [asdict(entry) for entry in self.documents]}
        return json.dumps(form, ensure_ascii=True, sort_keys=True, default=dt.datetime.isoformat).encode()

    @property
    def name(self) -> str:
        """16 hex digits from the content."""
        return hashlib.sha256(self.encode()).hexdigest()[:_NAME_DIGITS]


def decode_order(content: bytes, name: str) -> Order:
    """The order of that name. ValueError when these bytes are no order, or not this one: a part of it, for instance."""
    if hashlib.sha256(content).hexdigest()[:_NAME_DIGITS] != name:
        raise ValueError(f"order {name} is damaged: its {len(content)} bytes are another order's, or a part of it")
    form = json.loads(content)
    documents = [
        LedgerEntry(**{**entry, "first_captured_at": dt.datetime.fromisoformat(entry["first_captured_at"])})
        for entry in form["documents"]
    ]
    return Order(tuple(documents), form["readers"])


def keep_orders(orders: Iterable[Order], entries: Iterable[LedgerEntry]) -> tuple[list[Order], list[LedgerEntry]]:
    """Of orders given out before, those that ask for nothing but what is still wanted, and the entries in none of them.

    An order that another version of the readers was to do is no longer wanted.
    """
    readers = identify_readers()
    open_entries = {entry.document_id: entry for entry in entries}
    kept = []
    for order in orders:
        if order.readers == readers and all(open_entries.get(e.document_id) == e for e in order.documents):
            kept.append(order)
            for entry in order.documents:
                del open_entries[entry.document_id]
    return kept, list(open_entries.values())


def identify_readers() -> str:
    """What decides the rows that documents give on this machine, as 16 hex digits: two machines with the same digits
    read every document alike.

    The release of the code, its contract files, and which optional programs (LibreOffice, recognition) are installed.
    """
    versions = {media_type: reading_version(media_type) for media_type in sorted(READER_VERSIONS)}
    return hashlib.sha256(json.dumps([versions, row_shape()]).encode()).hexdigest()[:_NAME_DIGITS]
