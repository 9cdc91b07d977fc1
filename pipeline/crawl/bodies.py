"""The bytes of an answer: read up to a cap while they arrive, inflated up to a cap and a ratio.

Belongs here: gzip and deflate, and headers that promise them wrongly. Does not belong here: charsets and media types.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.archive.sniff import sniff_media_type
from pipeline.crawl.limits import FetchLimits
from pipeline.crawl.model import Outcome

_GZIP_WINDOW, _ZLIB_WINDOW, _BARE_WINDOW = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS, -zlib.MAX_WBITS
_WINDOWS = {"gzip": (_GZIP_WINDOW,), "x-gzip": (_GZIP_WINDOW,), "deflate": (_ZLIB_WINDOW, _BARE_WINDOW)}
_GZIP_MARK = b"\x1f\x8b"
_PIECE_BYTES = 65_536
_NOTHING_KNOWN = ("application/octet-stream", "application/gzip", "application/x-empty")


@dataclass(frozen=True, slots=True)
class Inflated:
    """A body after its content encoding. STORED, or why not: DECODE_ERROR keeps the raw bytes, others have none."""

    outcome: Outcome
    body: bytes | None
    detail: str = ""


class BodyTooLargeError(Exception):
    """More bytes arrived than the cap allows."""


def gather_body(pieces: Iterable[bytes], max_bytes: int) -> bytes:
    """The pieces of an answer in one; BodyTooLargeError as soon as they exceed the cap."""
    gathered = bytearray()
    for piece in pieces:
        gathered += piece
        if len(gathered) > max_bytes:
            raise BodyTooLargeError(f"more than {max_bytes} bytes")
    return bytes(gathered)


def inflate_body(raw: bytes, encoding: str, max_bytes: int, limits: FetchLimits) -> Inflated:
    """A body freed of its Content-Encoding. A body that plainly is not compressed stays as it came."""
    name = encoding.strip().lower()
    if name in ("", "identity", "none") or not raw:
        return Inflated(Outcome.STORED, raw)
    if name not in _WINDOWS:
        return Inflated(Outcome.DECODE_ERROR, raw, f"content encoding {name[:40]!r} was not asked for")
    ceiling = min(max_bytes, max(limits.free_inflation_bytes, len(raw) * limits.max_inflation))
    for window in _WINDOWS[name]:
        try:
            return _judge_stream(*_inflate(raw, window, ceiling), name)
        except zlib.error:
            continue
    if sniff_media_type(raw) not in _NOTHING_KNOWN:
        return Inflated(Outcome.STORED, raw, f"announced as {name}, came uncompressed")
    return Inflated(Outcome.DECODE_ERROR, raw, f"the body is no {name}")


def _judge_stream(body: bytes | None, is_whole: bool, name: str) -> Inflated:
    if body is None:
        return Inflated(Outcome.TOO_LARGE, None, f"the {name} stream inflates beyond its cap")
    if not is_whole:
        return Inflated(Outcome.TRUNCATED, None, f"the {name} stream breaks off")
    return Inflated(Outcome.STORED, body)


def _inflate(raw: bytes, window: int, ceiling: int) -> tuple[bytes | None, bool]:
    """Inflated bytes (None beyond the ceiling) and whether the stream came to its end; zlib.error where it is none."""
    inflated, position = bytearray(), 0
    engine = zlib.decompressobj(window)
    while position < len(raw):
        piece = raw[position : position + _PIECE_BYTES]
        position += len(piece)
        # One byte more than allowed tells a body at its ceiling from one beyond it
        inflated += engine.decompress(piece, ceiling - len(inflated) + 1)
        if len(inflated) > ceiling:
            return None, False
        if engine.eof:
            position -= len(engine.unused_data)
            # Several members in a row are one body; anything else behind the end is padding
            if window != _GZIP_WINDOW or not raw.startswith(_GZIP_MARK, position):
                return bytes(inflated), True
            engine = zlib.decompressobj(window)
    return bytes(inflated), engine.eof
