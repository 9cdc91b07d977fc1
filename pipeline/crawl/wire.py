"""Connections of urllib3 that are guarded when they open, keep a deadline while they read, and bear broken headers.

Belongs here: what has to hook into the HTTP library. Does not belong here: which address is asked, how often, and what
an answer means.
"""

from __future__ import annotations

import http.client
import io
import logging
import re
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import urllib3.connection

from pipeline.crawl.guard import open_guarded

# Broken headers are ordinary on these sites; the library prints a traceback for each
logging.getLogger("urllib3.connection").setLevel(logging.ERROR)
logging.getLogger("urllib3.response").setLevel(logging.ERROR)

_MAX_HEADER_BYTES = 262_144
# What the parser reads at most; it refuses a longer line itself
_MAX_LINE_BYTES = 65_537
_HEADER_LINE = re.compile(rb"([!-9;-~]+)[ \t]*:(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Timing:
    """When an attempt ends: deadline on the given clock (seconds), and the longest silence borne until then."""

    deadline: float
    silence_seconds: float
    clock: Callable[[], float] = time.monotonic

    def next_timeout(self) -> float:
        """Seconds that the next read may take; TimeoutError when the attempt is over."""
        left = self.deadline - self.clock()
        if left <= 0:
            raise TimeoutError("the whole attempt took too long")
        return min(left, self.silence_seconds)


@dataclass(frozen=True, slots=True)
class Opening:
    """What opening a connection needs: the addresses to try, and whether loopback is one."""

    addresses: Sequence[str]
    seconds: float
    allow_loopback: bool


class _TimedSource(io.RawIOBase):
    """The bytes of a socket, each read held to what is left of the attempt: a trickle can't outlast its deadline."""

    def __init__(self, connected: socket.socket, source: io.RawIOBase, timing: Timing) -> None:
        self._socket, self._source, self._timing = connected, source, timing

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._socket.settimeout(self._timing.next_timeout())
        return self._source.readinto(buffer)

    def close(self) -> None:
        self._source.close()
        super().close()


class _MendingReader(io.BufferedReader):
    """A reader that leaves out or mends header lines which would make the parser drop every header after them."""

    def __init__(self, source: io.RawIOBase) -> None:
        super().__init__(source)
        self._expects_status, self._is_in_headers, self._header_bytes = True, False, 0

    def readline(self, size: int | None = -1, /) -> bytes:
        line = super().readline(size)
        if self._expects_status:
            self._expects_status, self._is_in_headers = False, True
            self._is_interim = line.split(b" ", 2)[1:2] == [b"100"]
            return line
        while self._is_in_headers:
            if not line.endswith(b"\n") and len(line) < _MAX_LINE_BYTES:
                raise http.client.IncompleteRead(line)
            self._header_bytes += len(line)
            if self._header_bytes > _MAX_HEADER_BYTES:
                raise http.client.HTTPException(f"more than {_MAX_HEADER_BYTES} bytes of headers")
            if not line.strip(b"\r\n"):
                self._is_in_headers, self._expects_status = False, self._is_interim
            elif line[:1] not in b" \t":
                found = _HEADER_LINE.fullmatch(line)
                if found is None:
                    line = super().readline(size)
                    continue
                line = found[1] + b":" + found[2]
            return line
        return line


class _TimedResponse(http.client.HTTPResponse):
    """An answer read through the two readers above."""

    def __init__(self, connected: socket.socket, *arguments: Any, timing: Timing, **options: Any) -> None:
        super().__init__(connected, *arguments, **options)
        source = self.fp.detach()
        self.fp = _MendingReader(_TimedSource(connected, source, timing))


class _GuardedOpening:
    """Mixed into a connection: it opens where it was told to, through the guard, and says how far it came."""

    opening: Opening
    port: int
    remote_address = ""

    def _new_conn(self) -> socket.socket:
        connected = open_guarded(self.opening.addresses, self.port, self.opening.seconds, self.opening.allow_loopback)
        self.remote_address = str(connected.getpeername()[0])
        return connected


class GuardedConnection(_GuardedOpening, urllib3.connection.HTTPConnection):
    """Plain http."""


class GuardedTlsConnection(_GuardedOpening, urllib3.connection.HTTPSConnection):
    """https with the context of a rung."""


def make_connection(
    host: str, port: int, opening: Opening, timing: Timing, context: ssl.SSLContext | None
) -> GuardedConnection | GuardedTlsConnection:
    """A connection that is not open yet: http where context is None, else https."""
    connection: GuardedConnection | GuardedTlsConnection
    if context is None:
        connection = GuardedConnection(host, port, timeout=timing.silence_seconds)
    else:
        connection = GuardedTlsConnection(host, port, timeout=timing.silence_seconds, ssl_context=context)
    connection.opening = opening
    connection.response_class = partial(_TimedResponse, timing=timing)  # type: ignore[assignment]
    return connection
