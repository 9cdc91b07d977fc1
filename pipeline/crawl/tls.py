"""The ladder of encryption: strict first, weaker only where a host leaves no choice, the rung kept for the run.

Belongs here: the rungs, their contexts, which one a failure leads to. Does not belong here: connecting.
"""

from __future__ import annotations

import ssl
import threading
import warnings
from enum import StrEnum
from functools import cache

from pipeline.crawl.model import Outcome
from pipeline.sources.overrides import TLS_LEGACY, TLS_PLAIN

# Named in the ssl module from Python 3.12 on
_OP_LEGACY_SERVER_CONNECT = 0x4
_NO_CONNECTION = frozenset({Outcome.CONNECT_TIMEOUT, Outcome.REFUSED})


class Rung(StrEnum):
    """How a host is spoken to. The value before the dot is the tls_mode that captures keep."""

    STRICT = "strict"
    NOVERIFY = "noverify"  # today's ciphers, but the certificate proves nothing
    LEGACY = "legacy"  # TLS 1.0 and old ciphers as well
    LEGACY_CURVE = "legacy.curve"  # the same with P-256 alone, for servers that send a broken point of another curve
    PLAIN = "plain"  # http; only where overrides.toml permits it

    @property
    def tls_mode(self) -> str:
        """strict, noverify, legacy or plain."""
        return self.value.split(".")[0]


def choose_next_rung(rung: Rung, outcome: Outcome, detail: str, permitted: str) -> Rung | None:
    """The rung to try after a failure of another one, None where there is none left.

    permitted is the override's tls (auto, legacy, plain). Only a failure of TLS itself leads to weaker encryption;
    a port that nobody answers leads to plain http at most.
    """
    lowest = Rung.PLAIN if permitted == TLS_PLAIN else None
    if rung == Rung.PLAIN:
        return None
    if outcome == Outcome.TLS_CERT:
        return Rung.NOVERIFY if rung == Rung.STRICT else lowest
    if outcome == Outcome.TLS_HANDSHAKE:
        if rung in (Rung.STRICT, Rung.NOVERIFY):
            return Rung.LEGACY
        if rung == Rung.LEGACY and "ECPOINT" in detail.upper():
            return Rung.LEGACY_CURVE
        return lowest
    return lowest if outcome in _NO_CONNECTION else None


def make_context(rung: Rung, ca_file: str) -> ssl.SSLContext:
    """The client context of a rung; ca_file names roots to trust instead of the system's, '' for the system's."""
    if rung == Rung.STRICT:
        return ssl.create_default_context(cafile=ca_file or None)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if rung in (Rung.LEGACY, Rung.LEGACY_CURVE):
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        context.options |= _OP_LEGACY_SERVER_CONNECT
        _allow_first_version(context)
    if rung == Rung.LEGACY_CURVE:
        context.set_ecdh_curve("prime256v1")
    return context


# A context costs about 20 ms and is shared by all threads
@cache
def load_context(rung: Rung, ca_file: str) -> ssl.SSLContext:
    """make_context, made once per rung."""
    return make_context(rung, ca_file)


class RungMemory:
    """The rung that last worked per host, for one run: tomorrow a host may have repaired its certificate."""

    def __init__(self) -> None:
        self._rungs: dict[str, Rung] = {}
        self._lock = threading.Lock()

    def recall(self, host: str, permitted: str) -> Rung:
        """Where to begin with a host: the rung that worked, else the strictest that the override leaves."""
        first = Rung.LEGACY if permitted == TLS_LEGACY else Rung.STRICT
        with self._lock:
            return self._rungs.get(host, first)

    def keep(self, host: str, rung: Rung) -> None:
        """Remember a rung that gave an answer."""
        with self._lock:
            self._rungs[host] = rung

    def forget(self, host: str) -> None:
        """Begin at the top again: the remembered rung no longer works."""
        with self._lock:
            self._rungs.pop(host, None)


def _allow_first_version(context: ssl.SSLContext) -> None:
    # Python deprecates naming TLS 1.0, which is what these servers speak
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
