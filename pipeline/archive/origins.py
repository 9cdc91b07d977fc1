"""Where captured bytes came from, as an index: which archived document a link of a page leads to.

Belongs here: names and addresses made comparable, and the places a link may mean. Does not belong here: finding links
(documents/links.py) and the table they become (facts/attachments.py).

A page that was fetched has its address, and a link means exactly one other. A page saved to a disk has only a place
among files: a link from it means the file it names from there, and where the link is absolute, the file under the
names of site and folders that programs for copying sites make.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cached_property
from posixpath import normpath
from urllib.parse import unquote_to_bytes, urljoin

from pipeline.archive.captures import MEMBER_MARK, Capture

_SCHEME = re.compile(r"^(?:https?:)?//", re.IGNORECASE)
_OTHER_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_ESCAPED = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
# A name in a site's own address is never as deep as this; a link of a thousand folders is nonsense
_DEEPEST_FOLDER = 20


class Origins:
    """The latest document captured from each origin. Captures without bytes count for nothing."""

    def __init__(self, captures: Iterable[Capture]) -> None:
        self._document_at: dict[str, str] = {}
        self._addresses: dict[str, list[str]] = {}
        self._members: dict[str, dict[str, str]] = {}
        self._first: dict[str, str] = {}
        document_of: dict[str, str] = {}
        for one in sorted(captures, key=lambda capture: capture.captured_at):
            if one.document_id is None:
                continue
            document_of[one.capture_id] = one.document_id
            self._first.setdefault(one.document_id, one.origin_text)
            address = one.final_url_text or one.origin_text
            for place in {one.origin_text, address}:
                self._document_at[_normalise(place)] = one.document_id
            addresses = self._addresses.setdefault(one.document_id, [])
            if address not in addresses:
                addresses.append(address)
            container, mark, name = _normalise(one.origin_text).rpartition(MEMBER_MARK)
            if mark:
                # Captures from before parents were written down came right after that of their archive
                held_in = document_of.get(one.parent_capture_id or "") or self._document_at.get(container)
                if held_in:
                    self._members.setdefault(held_in, {})[name] = one.document_id

    @cached_property
    def version(self) -> str:
        """A digest of which document came from where, and of what archives held: it decides every answer."""
        digest = hashlib.sha256()
        for place, document_id in sorted(self._document_at.items()):
            digest.update(f"{place}\0{document_id}\n".encode("utf-8", "surrogatepass"))
        for document_id, addresses in sorted(self._addresses.items()):
            digest.update("\0".join((document_id, *addresses)).encode("utf-8", "surrogatepass") + b"\n")
        digest.update(repr(sorted((key, sorted(held.items())) for key, held in self._members.items())).encode())
        return digest.hexdigest()

    def find_target(self, page_document_id: str, target: str) -> str | None:
        """The latest document captured from where a link of a page leads, None where there is none.

        target is the link as the page writes it. A page that was captured in several places is looked at in each.
        """
        for address in self._addresses.get(page_document_id, ()):
            for place in _list_places(address, target):
                found = self._document_at.get(place)
                if found is not None and found != page_document_id:
                    return found
        return None

    def find_origin(self, document_id: str) -> str:
        """Where a document was first captured from, '' for one that was not."""
        return self._first.get(document_id, "")

    def list_members(self, document_id: str) -> list[tuple[str, str]]:
        """(name, document_id) of each file that was taken out of an archive, by name."""
        return sorted(self._members.get(document_id, {}).items())


def _list_places(address: str, target: str) -> Iterator[str]:
    """Where a link on a page at this address may lead, most certain first, as keys."""
    if _SCHEME.match(address):
        try:
            yield _normalise(urljoin(address, target.partition("#")[0]))
        except ValueError:  # an address such as http://[ names nothing
            return
        return
    folder = _normalise(address).rpartition("/")[0]
    # A name on a disk may hold what in an address begins a query
    for name in dict.fromkeys((target, re.split("[?#]", target, maxsplit=1)[0])):
        yield from _list_files(folder, _normalise(name), is_absolute=bool(_SCHEME.match(name) or name.startswith("/")))


def _list_files(folder: str, name: str, is_absolute: bool) -> Iterator[str]:
    if is_absolute:
        parts = folder.split("/")
        for depth in range(min(len(parts), _DEEPEST_FOLDER), -1, -1):
            yield normpath("/".join((*parts[:depth], name.lstrip("/"))))
    elif not _OTHER_SCHEME.match(name):
        yield normpath(f"{folder}/{name}")
        container, mark, _ = f"{folder}/".rpartition(MEMBER_MARK)
        if mark:
            # Members are kept without their folders where the name is the only one of its kind
            yield f"{container}{mark}{name.rpartition('/')[2]}"


def _normalise(place: str) -> str:
    """One form for a name or an address, however its characters and separators are written."""
    text = _ESCAPED.sub(_unescape, place.strip().replace("\\", "/"))
    scheme = _SCHEME.match(text)
    if scheme:
        host, slash, rest = text[scheme.end() :].partition("/")
        text = f"{host.lower()}{slash}{rest}"
    return unicodedata.normalize("NFC", text)


def _unescape(escaped: re.Match[str]) -> str:
    """The characters that bytes written as %XX stand for: UTF-8, else GB18030, else as written."""
    content = unquote_to_bytes(escaped[0])
    for encoding in ("utf-8", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return escaped[0]
