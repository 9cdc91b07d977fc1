"""Files as real programs make them: many drawings in, one program started, files out.

Belongs here: starting programs on a batch, each run with a profile of its own, and stopping all that it started.
Does not belong here: the conversation with the browser (browser.py), choosing formats.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.browser import print_pages

COMMANDS: Mapping[str, tuple[str, ...]] = {
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "soffice": ("soffice", "libreoffice"),
}
PACKAGES = {"chromium": "chromium", "soffice": "libreoffice-writer-nogui"}
# A start and a batch of a hundred take a tenth of this
SECONDS_PER_BATCH = 120.0
_BROWSER_OPTIONS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars"),
    *("--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
_TARGETS = {"pdf": "pdf:writer_pdf_Export", "doc": "doc:MS Word 97", "rtf": "rtf:Rich Text Format"}
_SOURCES = {"html": "HTML (StarWriter)", "docx": "MS Word 2007 XML"}


def find_producer(producer: str) -> str | None:
    """The path of a program, None where it is not installed."""
    return next((path for name in COMMANDS[producer] if (path := shutil.which(name))), None)


def explain_absence(producer: str) -> str:
    """Why a format is skipped, and what to do about it."""
    return f"{producer} is not installed here; install the package {PACKAGES[producer]}"


def produce_files(producer: str, drawings: Mapping[str, bytes], drawing_suffix: str, suffix: str) -> dict[str, bytes]:
    """The files a program makes of the drawings, by the names of these; what it did not make is left out.

    Raises FileNotFoundError where the program is not installed.
    """
    command = find_producer(producer)
    if command is None:
        raise FileNotFoundError(explain_absence(producer))
    if not drawings:
        return {}
    with tempfile.TemporaryDirectory(prefix="touming-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        sources = {key: folder / f"{key}.{drawing_suffix}" for key in drawings}
        for key, source in sources.items():
            source.write_bytes(drawings[key])
        if producer == "chromium":
            return _print_with_browser(sources, folder)
        return _convert_with_office(command, sources, _SOURCES[drawing_suffix], suffix, folder)


def _convert_with_office(
    command: str, sources: Mapping[str, Path], import_filter: str, suffix: str, folder: Path
) -> dict[str, bytes]:
    options = ["--headless", "--norestore", "--nolockcheck", f"-env:UserInstallation={(folder / 'profile').as_uri()}"]
    target = [f"--infilter={import_filter}", "--convert-to", _TARGETS[suffix], "--outdir", str(folder / "made")]
    with _started([command, *options, *target, *map(str, sources.values())], folder) as process:
        try:
            process.wait(SECONDS_PER_BATCH)
        except subprocess.TimeoutExpired:
            return {}  # what is there may be half a file
    made = {key: folder / "made" / f"{key}.{suffix}" for key in sources}
    return {key: path.read_bytes() for key, path in made.items() if path.is_file()}


def _print_with_browser(sources: Mapping[str, Path], folder: Path) -> dict[str, bytes]:
    with start_browser(folder) as (to_browser, from_browser):
        return print_pages(to_browser, from_browser, sources, SECONDS_PER_BATCH)


@contextmanager
def start_browser(folder: Path) -> Iterator[tuple[int, int]]:
    """A browser with a profile below the folder: the descriptor it takes commands from, and the one it answers on.

    Raises FileNotFoundError where none is installed.
    """
    command = find_producer("chromium")
    if command is None:
        raise FileNotFoundError(explain_absence("chromium"))
    started = [command, *_BROWSER_OPTIONS, "--remote-debugging-pipe", f"--user-data-dir={folder / 'profile'}"]
    # The browser takes commands on descriptor 3 and answers on 4
    to_browser, from_browser = os.pipe(), os.pipe()
    wiring = f'exec 3<&{to_browser[0]} 4>&{from_browser[1]}; exec "$@"'
    try:
        with _started(["bash", "-c", wiring, "bash", *started], folder, (to_browser[0], from_browser[1])):
            os.close(from_browser[1])
            yield to_browser[1], from_browser[0]
    finally:
        for descriptor in (to_browser[0], to_browser[1], from_browser[0]):
            os.close(descriptor)


@contextmanager
def _started(command: Sequence[str], folder: Path, passed: Sequence[int] = ()) -> Iterator[subprocess.Popen[bytes]]:
    """A program in a process group of its own; whatever of it still runs at the end is stopped."""
    quiet = subprocess.DEVNULL
    surroundings = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(folder), "TMPDIR": str(folder)}
    process = subprocess.Popen(
        command, stdin=quiet, stdout=quiet, stderr=quiet, env=surroundings, start_new_session=True, pass_fds=passed
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
