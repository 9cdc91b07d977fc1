"""Older word processor files (DOC, WPS, RTF) to a Document, by way of LibreOffice and DOCX.

Belongs here: running the converter so that it can neither hang, nor run macros, nor follow links, and believing only
what it made whole. This is the one module of documents/ with I/O: a subprocess and a temporary folder that is gone
afterwards. Does not belong here: reading the DOCX (docx.py).
"""

from __future__ import annotations

import io
import os
import shutil
import signal
import subprocess
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from pipeline.documents import docx
from pipeline.documents.model import Document
from pipeline.documents.refusal import DocumentRefused
from pipeline.issues import Issue, IssueCode

VERSION = f"office/1+{docx.VERSION}"
# Stands for the version where there is no converter: once there is one, what it could not read is read
NO_CONVERTER = "office/none"

# By content, because names lie. The import filter is stated: left to guess, the converter makes a text document of
# anything, damaged files included. (suffix, filter)
_KINDS: Mapping[bytes, tuple[str, str]] = {
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": ("doc", "MS Word 97"),
    b"{\\rtf": ("rtf", "Rich Text Format"),
}
# What DOC and WPS files are kept in, spreadsheets and slides too, which the converter refuses; and rich text
CONVERTED_TYPES = ("application/x-ole-storage", "text/rtf")
# What one run of the converter may take for one file. One run in a few hundred stands still from its start, whatever
# the file; the next does not
SECONDS_ALONE = (20.0, 40.0)
_TARGET = "docx:MS Word 2007 XML"
_DOCUMENT_PART = "word/document.xml"
# No macros, no update of linked files and fields, no linked pictures from elsewhere: the file decides nothing
_SETTINGS = (
    ("org.openoffice.Office.Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("org.openoffice.Office.Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("org.openoffice.Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("org.openoffice.Office.Writer/Content/Update", "Link", "0"),
)


def find_converter() -> str | None:
    """The path of LibreOffice's command, None where it is not installed."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def version() -> str:
    """The version of this reader as it is here: without the converter it is another."""
    return VERSION if find_converter() else NO_CONVERTER


def read_office(content: bytes) -> Document:
    """One older word processor file as a Document, reader 'office'.

    Raises DocumentRefused: CONVERTER_MISSING, CONVERSION_FAILED, or what read_docx raises.
    """
    first, second = SECONDS_ALONE
    made = convert_office([content], first)[0]
    if isinstance(made, Issue) and made.code is IssueCode.CONVERSION_FAILED:
        made = convert_office([content], second)[0]
    if isinstance(made, Issue):
        raise DocumentRefused(made.code, made.message)
    return read_converted(made)


def read_converted(made: bytes) -> Document:
    """What convert_office made of such a file, as read_office would return it. Raises what read_docx raises."""
    return replace(docx.read_docx(made), reader="office", reader_version=VERSION)


def convert_office(contents: Sequence[bytes], seconds: float) -> list[bytes | Issue]:
    """Each file as DOCX, or the issue that says why not, in the order given. Never raises for bad content.

    The files of a kind go through one run of the converter, as most of the time is its start, and share its time: one
    that stops it may cost those beside it. What fails among others is to be tried alone.
    """
    converter = find_converter()
    if converter is None:
        message = "LibreOffice (soffice) is not installed here; install it and read the document again"
        return [Issue(IssueCode.CONVERTER_MISSING, message)] * len(contents)
    found: dict[int, bytes] = {}
    for signature, (suffix, import_filter) in _KINDS.items():
        batch = {i: content for i, content in enumerate(contents) if content.startswith(signature)}
        if batch:
            found |= _convert(converter, batch, suffix, import_filter, seconds)
    return [found.get(i) or _explain(content, seconds) for i, content in enumerate(contents)]


def _explain(content: bytes, seconds: float) -> Issue:
    if not content.startswith(tuple(_KINDS)):
        message = f"the file begins with {content[:8]!r}: neither DOC nor RTF, not given to the converter"
    else:
        message = f"LibreOffice made no document of the file within {seconds:g} s"
    return Issue(IssueCode.CONVERSION_FAILED, f"{message}; the bytes stay archived, save it as DOCX by hand")


def _convert(
    converter: str, batch: Mapping[int, bytes], suffix: str, import_filter: str, seconds: float
) -> dict[int, bytes]:
    """The results of one run of the converter that are whole, by the numbers of their files."""
    with tempfile.TemporaryDirectory(prefix="touming-office-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        profile = folder / "profile"
        _write_settings(profile / "user")
        sources = [folder / f"{number}.{suffix}" for number in batch]
        for source, content in zip(sources, batch.values(), strict=True):
            source.write_bytes(content)
        # A profile of its own: of two runs that share one, the second makes nothing and says nothing
        options = ["--headless", "--norestore", "--nolockcheck", f"-env:UserInstallation={profile.as_uri()}"]
        target = [f"--infilter={import_filter}", "--convert-to", _TARGET, "--outdir", str(folder / "made")]
        _run([converter, *options, *target, *map(str, sources)], folder, seconds)
        made = {number: folder / "made" / f"{number}.docx" for number in batch}
        results = {number: path.read_bytes() for number, path in made.items() if path.is_file()}
        return {number: result for number, result in results.items() if _is_whole(result)}


def _run(command: Sequence[str], folder: Path, seconds: float) -> None:
    """Run to the end or for so many seconds; then everything it started is stopped with it."""
    surroundings = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(folder), "TMPDIR": str(folder)}
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(
        command, stdin=quiet, stdout=quiet, stderr=quiet, cwd=folder, env=surroundings, start_new_session=True
    )
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        pass
    finally:
        # The command is a wrapper; stopping it alone would leave the converter itself running
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _write_settings(folder: Path) -> None:
    items = "".join(
        f'<item oor:path="/{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>'
        for path, name, value in _SETTINGS
    )
    folder.mkdir(parents=True)
    (folder / "registrymodifications.xcu").write_text(
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<oor:items xmlns:oor="http://openoffice.org/2001/registry">{items}</oor:items>',
        encoding="utf-8",
    )


def _is_whole(content: bytes) -> bool:
    """Whether the bytes are a DOCX; its directory stands last, so one that was still being written has none."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            return package.namelist().count(_DOCUMENT_PART) == 1
    except (zipfile.BadZipFile, ValueError, OSError):
        return False
