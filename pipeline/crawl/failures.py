"""From an exception of the network libraries to one outcome and a sentence.

Belongs here: the mapping, by the stage that failed. Does not belong here: what is done about it.
"""

from __future__ import annotations

import http.client
import socket
import ssl
from enum import Enum, auto

import urllib3.exceptions
from urllib3.util.ssl_match_hostname import CertificateError

from pipeline.crawl.guard import UnsafeAddressError
from pipeline.crawl.model import Outcome

_MAX_DETAIL = 300
_CUT_OFF = (http.client.IncompleteRead, urllib3.exceptions.IncompleteRead)
_ENDED_EARLY = "ended prematurely"


class Stage(Enum):
    """How far an attempt had come: finding the address, connecting, agreeing on encryption, asking and reading."""

    RESOLVE = auto()
    CONNECT = auto()
    TLS = auto()
    EXCHANGE = auto()
    BODY = auto()


def name_failure(error: Exception, stage: Stage) -> tuple[Outcome, str]:
    """The outcome of an attempt that raised, and what happened in words. Every exception has an outcome."""
    causes = _list_causes(error)
    return _name_outcome(causes, stage), _describe(causes[-1], stage)


def _name_outcome(causes: list[BaseException], stage: Stage) -> Outcome:
    if _has(causes, UnsafeAddressError):
        return Outcome.UNSAFE_ADDRESS
    if stage == Stage.RESOLVE or _has(causes, socket.gaierror):
        return Outcome.DNS
    if stage == Stage.CONNECT:
        return _name_connect_failure(causes)
    if stage == Stage.TLS:
        is_certificate = _has(causes, ssl.SSLCertVerificationError, CertificateError)
        return Outcome.TLS_CERT if is_certificate else Outcome.TLS_HANDSHAKE
    return _name_exchange_failure(causes, stage)


def _name_connect_failure(causes: list[BaseException]) -> Outcome:
    if _has(causes, TimeoutError):
        return Outcome.CONNECT_TIMEOUT
    return Outcome.RESET if _has(causes, ConnectionResetError) else Outcome.REFUSED


def _name_exchange_failure(causes: list[BaseException], stage: Stage) -> Outcome:
    if _has(causes, TimeoutError, urllib3.exceptions.ReadTimeoutError):
        return Outcome.READ_TIMEOUT
    if _has(causes, *_CUT_OFF) or any(_ENDED_EARLY in str(cause) for cause in causes):
        is_framing = _has(causes, urllib3.exceptions.InvalidChunkLength)
        return Outcome.PROTOCOL if is_framing else Outcome.TRUNCATED
    # RemoteDisconnected is a ConnectionResetError too: the server closed without a word
    if _has(causes, ConnectionError):
        return Outcome.RESET
    if _has(causes, ssl.SSLError):
        return Outcome.TRUNCATED if stage == Stage.BODY else Outcome.TLS_HANDSHAKE
    return Outcome.PROTOCOL


def _has(causes: list[BaseException], *kinds: type[BaseException]) -> bool:
    return any(isinstance(cause, kinds) for cause in causes)


def _list_causes(error: BaseException) -> list[BaseException]:
    """An exception and what it was raised from, outermost first."""
    causes: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in causes:
        causes.append(current)
        current = current.__cause__
    return causes


def _describe(cause: BaseException, stage: Stage) -> str:
    # The text of a broken header may quote the header, and so a cookie: only the kind of error is told of an exchange
    words = type(cause).__name__
    if stage in (Stage.RESOLVE, Stage.CONNECT, Stage.TLS):
        words = f"{words}: {cause}"
    return f"{stage.name.lower()}: {words}"[:_MAX_DETAIL]
