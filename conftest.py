"""Options of the test run. At the root, so that `bench` can be imported wherever pytest is started."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds --update-golden, which rewrites what the golden cases expect; read the difference before keeping it."""
    parser.addoption("--update-golden", action="store_true", help="rewrite golden expectations from what is read now")
