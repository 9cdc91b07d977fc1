"""Addresses fit to be stored: where bytes came from and where links lead, without what they may tell about a person.

Belongs here: masking an address, and leaving out of a file's path whose computer it lay on. Does not belong here:
following an address (archive/origins.py) and text that is none (masking.py).
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from pipeline.facts.masking import mask_personal

_WEB_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
# A page written in an office program may link to its author's own disk
_LOCAL_ADDRESS = re.compile(r"file:|[A-Za-z]:[\\/]|\\\\", re.IGNORECASE)
_MEMBER_MARK = "!/"


def mask_link(target: str) -> str:
    """The target of a link as the page writes it, names and contact data masked; of a place on a disk the file name.

    Escapes (%XX) are undone where something behind them is masked, and stay as they are otherwise.
    """
    shown = _file_name(target) if _LOCAL_ADDRESS.match(target) else target
    return _mask_escaped(shown)


def mask_origin(origin: str) -> str:
    """Where bytes came from: an address of the web as it is, of a file its name alone, names and contact data masked.

    Folders may be named after the person whose computer the file lay on. A file in an archive keeps the archive's name.
    """
    shown = origin if _WEB_ADDRESS.match(origin) else _MEMBER_MARK.join(map(_file_name, origin.split(_MEMBER_MARK)))
    return _mask_escaped(shown)


def _file_name(path: str) -> str:
    return re.split(r"[\\/]", path.rstrip("\\/"))[-1]


def _mask_escaped(address: str) -> str:
    plain = unquote(address)
    masked = mask_personal(plain)
    return address if masked == plain else masked
