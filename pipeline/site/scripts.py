"""Data as script files: one call each, `touming.receive(key, value)`, so that pages opened from a folder can load them.

Belongs here: writing them, the same bytes for the same values. Does not belong here: what is in them.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

_UNSAFE = re.compile(r"[^0-9A-Za-z_-]")
# Beyond it a browser's numbers lose digits
_EXACT_LIMIT = 2**53


def script_name(part: object) -> str:
    """A part of a key as it may stand in the name of a file; assets/core.js makes the same of it."""
    return _UNSAFE.sub("_", str(part))


def format_script(key: str, value: object) -> str:
    """The text of one script file."""
    return (
        f"touming.receive({json.dumps(key)},{json.dumps(to_plain(value), ensure_ascii=False, separators=(',', ':'))})\n"
    )


def write_script(folder: Path, key: str, value: object) -> int:
    """Write one to data/<key>.js under the site's folder; its bytes."""
    path = folder / "data" / f"{key}.js"
    path.parent.mkdir(parents=True, exist_ok=True)
    content = format_script(key, value).encode()
    path.write_bytes(content)
    return len(content)


def to_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> dict[str, list[Any]]:
    """Columns and rows as scripts hold them."""
    return {"columns": list(columns), "rows": [list(row) for row in rows]}


def to_plain(value: object) -> Any:
    """A value of the warehouse as JSON has it: decimals and large numbers as text, every digit kept."""
    if isinstance(value, dict):
        return {str(name): to_plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [to_plain(one) for one in value]
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, dt.date):
        return value.isoformat()
    is_exact = not isinstance(value, int) or -_EXACT_LIMIT < value < _EXACT_LIMIT
    return value if is_exact else str(value)
