"""What all tests share: names of cases that are the same in every process, and Ctrl-C as at a keyboard."""

from __future__ import annotations

import signal

import pytest

_LONGEST_NAME_BYTES = 16


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Name whole files by the argument: packed ones hold the time, and processes that share tests compare the names."""
    return argname if isinstance(val, bytes) and len(val) > _LONGEST_NAME_BYTES else None


def pytest_configure() -> None:
    """A shell tells what it starts in the background to ignore Ctrl-C, and that goes on to all that tests start."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
