"""Bars where somebody looks, none elsewhere, and what Ctrl-C leaves: commands on a pseudo-terminal of their own."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipeline.cli.errors import CommandError, Exit
from pipeline.cli.progress import show_progress
from pipeline.paths import REPO_ROOT
from pipeline.progress import each_told, tell_progress

START = "from pipeline.cli.main import main; main()"
# A stage that is never done, in the frame of a command
ENDLESS = """
import signal, sys
from pipeline.cli.errors import CommandError
from pipeline.cli.progress import show_progress
from pipeline.progress import tell_progress
try:
    with show_progress("half of it is kept; do it again"):
        tell_progress("counting sheep", 3, 1_000)
        print("ready", flush=True)
        sys.stderr.write("a word from a helper\\n")
        while True:
            signal.pause()
except CommandError as error:
    error.show()
    sys.exit(error.exit_code)
"""
CONTROL = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True)
class Session:
    """What a terminal has seen: all of it, the same without control sequences, and how the command ended."""

    seen: bytes
    exit_code: int

    @property
    def text(self) -> str:
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self.seen.decode()).replace("\r", "")

    @property
    def left(self) -> str:
        """What still stands there once the bars are gone: all after the last line that was taken away."""
        return self.seen.decode().rpartition("\x1b[2K")[2].replace("\r", "")


def on_terminal(program: str, *arguments: str, stop_at: str = "", term: str = "xterm") -> Session:
    """Run a Python program on a terminal of its own, and press Ctrl-C once that is seen."""
    process, terminal = pty.fork()
    if process == 0:
        environment = {**os.environ, "TERM": term, "COLUMNS": "120", "PYTHONPATH": str(REPO_ROOT)}
        os.execve(sys.executable, [sys.executable, "-c", program, *arguments], environment)
    seen = b""
    with contextlib.suppress(OSError):  # Linux's way of saying that the other side is closed
        while piece := os.read(terminal, 65536):
            seen += piece
            if stop_at and stop_at.encode() in seen:
                os.write(terminal, b"\x03")
                stop_at = ""
    os.close(terminal)
    return Session(seen, os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]))


@pytest.fixture
def folder(tmp_path: Path, sample: Path) -> Path:
    folder = tmp_path / "pages"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.txt").write_bytes(sample.read_bytes() + b"\n" * number)
    return folder


def test_a_terminal_sees_bars_and_then_they_are_gone(data, folder):
    session = on_terminal(START, "ingest", str(folder))
    assert session.exit_code == 0
    assert "taking in files" in session.text
    assert "3/3" in session.text
    assert "taking in files" not in session.left
    assert "\x1b[?25h" in session.seen.decode(), "the cursor is hidden for good"
    assert len(re.findall(r"^[0-9a-f]{16}\t", session.left, re.MULTILINE)) == 3


def test_all_steps_of_a_night_have_their_bars_and_none_is_in_a_log_of_dagster(data, folder):
    session = on_terminal(START, "run", str(folder))
    assert session.exit_code == 0, session.text
    for stage in ("taking in files", "reading documents", "merging years", "building tables", "checking", "publishing"):
        assert stage in session.text
        assert stage not in session.left
    assert "3 documents read" in session.left
    logs = [path for path in data.dagster_home.rglob("compute_logs/*") if path.is_file()]
    assert logs
    assert not any(b"\x1b" in path.read_bytes() for path in logs)


def test_ctrl_c_in_a_night_says_what_stands(data, folder):
    session = on_terminal(START, "run", str(folder), stop_at="taking in files")
    assert session.exit_code == Exit.INTERRUPTED
    assert re.match(
        r"error \[interrupted\]: stopped by Ctrl-C while .*\n  next: run it again and it goes on", session.left
    )
    assert "Traceback" not in session.text
    assert not data.published.exists()


def test_ctrl_c_leaves_one_clean_message():
    session = on_terminal(ENDLESS, stop_at="counting sheep")
    assert session.exit_code == Exit.INTERRUPTED
    assert session.left == (
        "error [interrupted]: stopped by Ctrl-C while counting sheep, 3 of 1,000 done\n"
        "  next: half of it is kept; do it again\n"
    )


def test_what_others_write_waits_until_the_bars_are_gone(tmp_path):
    program = ENDLESS.replace("while True:\n            signal.pause()", "pass")
    session = on_terminal(program)
    assert session.left == "a word from a helper\n"


def test_a_terminal_that_cannot_move_its_cursor_gets_no_bars(data, folder):
    session = on_terminal(START, "ingest", str(folder), term="dumb")
    assert session.exit_code == 0
    assert not CONTROL.search(session.seen.replace(b"\r", b""))


@pytest.mark.parametrize("command", ["ingest", "run"])
def test_a_file_gets_not_one_control_character(data, folder, tmp_path, command):
    with (tmp_path / "log").open("wb") as log:
        subprocess.run(
            [sys.executable, "-c", START, command, str(folder)],
            env={**os.environ, "PYTHONPATH": str(REPO_ROOT), "TERM": "xterm", "FORCE_COLOR": "1"},
            stdout=subprocess.PIPE,
            stderr=log,
            check=True,
        )
    assert not CONTROL.search((tmp_path / "log").read_bytes())


def test_without_a_terminal_ctrl_c_says_the_same():
    with subprocess.Popen(
        [sys.executable, "-c", ENDLESS],
        env={**os.environ, "PYTHONPATH": str(REPO_ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        told = process.communicate()[1]
    assert process.returncode == Exit.INTERRUPTED
    assert told.endswith("counting sheep, 3 of 1,000 done\n  next: half of it is kept; do it again\n")


def test_an_error_of_the_work_itself_is_no_interruption():
    with pytest.raises(ZeroDivisionError), show_progress("kept"):
        raise ZeroDivisionError


def test_a_stop_that_somebody_caught_is_found_all_the_same():
    def work() -> None:
        with show_progress("kept") as watched:
            with contextlib.suppress(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)
            watched.raise_if_stopped()

    with pytest.raises(CommandError) as ended:
        work()
    assert ended.value.exit_code == Exit.INTERRUPTED


def test_items_are_told_as_they_are_done():
    with show_progress("kept") as watched:
        for item in each_told("stage", "abc"):
            assert (watched.stage, watched.done, watched.total) == ("stage", "abc".index(item), 3)
        assert watched.done == 3
    tell_progress("nobody looks", 1, 2)
    assert watched.stage == "stage"
