"""Reading the contract's data files.

Belongs here: parsing YAML beside this module, and the fingerprint of files that decide how a document is read.
Does not belong here: what the files mean.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

CONTRACT_ROOT = Path(__file__).resolve().parent
# The C loader is ten times faster; it is missing only where PyYAML was built without libyaml.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load_yaml(path: Path) -> Any:
    """The parsed content of one YAML file."""
    with path.open("rb") as stream:
        return yaml.load(stream, Loader=_LOADER)  # noqa: S506 (a safe loader, chosen above)


def fingerprint(paths: Iterable[Path]) -> str:
    """Twelve hex digits that change when any of these files changes; order and line endings don't count."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(path.name.encode() + b"\0" + path.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return digest.hexdigest()[:12]
