"""What all tests share: names of their cases that are the same in every process."""

from __future__ import annotations

import pytest

_LONGEST_NAME_BYTES = 16


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Name whole files by the argument: packed ones hold the time, and processes that share tests compare the names."""
    return argname if isinstance(val, bytes) and len(val) > _LONGEST_NAME_BYTES else None
