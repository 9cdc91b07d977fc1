"""A file is the old one or the new one, whatever happens to whoever writes it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pipeline.paths import REPO_ROOT
from pipeline.whole_files import replace_file


def test_a_crash_before_the_rename_leaves_the_old_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "ledger"
    target.write_bytes(b"old")

    def crash(descriptor: int) -> None:
        raise OSError("power failure")

    monkeypatch.setattr(os, "fsync", crash)
    with pytest.raises(OSError, match="power failure"):
        replace_file(target, b"new and longer")
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_what_killed_writers_left_is_taken_over_by_the_next(tmp_path: Path) -> None:
    target = tmp_path / "ledger"
    script = "import os, signal, sys\nfrom pathlib import Path\nfrom pipeline import whole_files\n"
    script += "whole_files.os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)\n"
    script += "whole_files.replace_file(Path(sys.argv[1]), b'much longer than the next')\n"
    for _ in range(2):
        done = subprocess.run([sys.executable, "-c", script, str(target)], cwd=REPO_ROOT, check=False)
        assert done.returncode == -signal.SIGKILL
    assert len(list(tmp_path.iterdir())) == 1
    replace_file(target, b"whole")
    assert target.read_bytes() == b"whole"
    assert list(tmp_path.iterdir()) == [target]


def test_many_at_once_write_one_whole_file(tmp_path: Path) -> None:
    contents = [bytes([number]) * 200_000 for number in range(8)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda content: replace_file(tmp_path / "ledger", content), contents))
    assert (tmp_path / "ledger").read_bytes() in contents
    assert list(tmp_path.iterdir()) == [tmp_path / "ledger"]
