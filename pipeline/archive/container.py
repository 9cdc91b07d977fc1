"""Archives that sites attach (ZIP) taken apart, one level deep.

Belongs here: listing what a ZIP holds, with limits, and names in the encodings they are written in. Does not belong
here: storing the members (ingest.py). Nothing is ever unpacked to a disk, so a member's name is text and no path.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.issues import Issue, IssueCode

ZIP = "application/zip"
MAX_MEMBERS = 100
MAX_TOTAL_BYTES = 50 * 1024 * 1024
MAX_RATIO = 200
# Small parts of one repeated character pack far better than that and harm nobody
RATIO_EXEMPT_BYTES = 1024 * 1024

_UNOPENED: Mapping[str, str] = {
    "application/x-rar": "RAR archive",
    "application/x-7z-compressed": "7z archive",
    "application/ofd": "OFD document",
    "application/gzip": "gzip file",
}
_UTF8_FLAG = 0x800
_ENCRYPTED_FLAG = 0x1
# What systems add to an archive by themselves
_LITTER = frozenset(["thumbs.db", "desktop.ini", "__macosx"])
_DAMAGE = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, RuntimeError, ValueError, OverflowError)


@dataclass(frozen=True, slots=True)
class Member:
    """One file in an archive: its name without folders (with them where two would be called the same), its bytes."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Members:
    """The files of an archive in its order, and what could not be taken out of it, each issue naming the member."""

    members: tuple[Member, ...] = ()
    issues: tuple[Issue, ...] = ()


def list_members(content: bytes, media_type: str) -> Members:
    """The files in a ZIP; none for any other type, with MEDIA_UNSUPPORTED where that is an archive not opened.

    Never raises for bad content: an archive that is broken gives DAMAGED_FILE, one over the limits LIMIT_EXCEEDED and
    no member at all, and a member that is encrypted or broken DAMAGED_FILE while the others are taken. Archives inside
    are members like any other file. Folders, empty files, hidden files and what systems add are left out.
    """
    if media_type in _UNOPENED:
        message = f"a {_UNOPENED[media_type]} is not opened; unpack it by hand and put its files into the inbox"
        return Members(issues=(Issue(IssueCode.MEDIA_UNSUPPORTED, message),))
    if media_type != ZIP:
        return Members()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _read_members(archive)
    except _DAMAGE as error:
        message = f"the archive cannot be opened ({type(error).__name__}); capture it again or unpack it by hand"
        return Members(issues=(Issue(IssueCode.DAMAGED_FILE, message),))


def _read_members(archive: zipfile.ZipFile) -> Members:
    listed = [(path, info) for info in archive.infolist() if _is_wanted(path := _decode_path(info), info)]
    excess = _find_excess([info for _, info in listed])
    if excess:
        message = f"{excess}; the archive stays as it is, unpack it by hand and put the reports into the inbox"
        return Members(issues=(Issue(IssueCode.LIMIT_EXCEEDED, message),))
    base_names = Counter(_base_name(path) for path, _ in listed)
    members: list[Member] = []
    issues: list[Issue] = []
    names: set[str] = set()
    for path, info in listed:
        name = _base_name(path) if base_names[_base_name(path)] == 1 else path
        member = _read_member(archive, info, name)
        if isinstance(member, Issue):
            issues.append(member)
        elif name in names:
            issues.append(_damaged(name, "is in the archive twice, and only the first was taken"))
        else:
            names.add(name)
            members.append(member)
    return Members(tuple(members), tuple(issues))


def _find_excess(infos: list[zipfile.ZipInfo]) -> str:
    """Which limit an archive breaks by what its directory says, '' when none."""
    if len(infos) > MAX_MEMBERS:
        return f"{len(infos)} files, the limit is {MAX_MEMBERS}"
    total = sum(info.file_size for info in infos)
    if total > MAX_TOTAL_BYTES:
        return f"{total} bytes unpacked, the limit is {MAX_TOTAL_BYTES}"
    for info in infos:
        if info.file_size > RATIO_EXEMPT_BYTES and info.file_size > MAX_RATIO * info.compress_size:
            return f"{_decode_path(info)!r} is packed more than {MAX_RATIO} to 1"
    return ""


def _read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> Member | Issue:
    if info.flag_bits & _ENCRYPTED_FLAG:
        return _damaged(name, "is protected by a password")
    try:
        with archive.open(info) as stream:
            # Not more than the directory says, whatever the stream would give
            content = stream.read(info.file_size + 1)
    except _DAMAGE as error:
        return _damaged(name, f"is broken ({type(error).__name__})")
    if len(content) != info.file_size:
        return _damaged(name, f"has not the {info.file_size} bytes that the archive says")
    return Member(name, content)


def _damaged(name: str, what: str) -> Issue:
    message = f"{name!r} {what}; not taken out, look for the file by itself"
    return Issue(IssueCode.DAMAGED_FILE, message)


def _decode_path(info: zipfile.ZipInfo) -> str:
    """The path of a member as it was named. Without the flag for UTF-8 it is UTF-8 all the same, or a code page."""
    path = info.filename
    if not info.flag_bits & _UTF8_FLAG:
        written = path.encode("cp437", errors="replace")
        for encoding in ("utf-8", "gb18030"):
            try:
                path = written.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
    # Some packers write the separators of their own system
    return path.replace("\\", "/")


def _base_name(path: str) -> str:
    return path.rpartition("/")[2]


def _is_wanted(path: str, info: zipfile.ZipInfo) -> bool:
    parts = path.split("/")
    is_litter = any(part.lower() in _LITTER for part in parts) or parts[-1].startswith(".")
    return bool(parts[-1]) and not is_litter and info.file_size > 0
