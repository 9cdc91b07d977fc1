"""Machines to read on: processes with nothing in common but a network and one folder, made for a test and taken down.

Each is a network namespace of its own where that is permitted (Linux, root), else a process on the loopback address.
The scheduler and the machine with the warehouse are the first one.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.paths import REPO_ROOT

PORT = 8786
TOUMING = ("-c", "from pipeline.cli.main import main; main()")
_PATIENCE_SECONDS = 240


@dataclass(slots=True)
class Machines:
    """Where commands are started: prefixes[0] is the machine with the warehouse, the others have workers."""

    folder: Path
    prefixes: Sequence[Sequence[str]]
    address: str
    exchange: str
    environment: Mapping[str, str] = field(default_factory=dict)
    _started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def scheduler(self) -> str:
        return f"tcp://{self.address}:{PORT}"

    def start(self, machine: int, name: str, *command: str, **environment: str) -> subprocess.Popen[bytes]:
        """Start a command of the project's Python on a machine, in a folder and a process group of its own."""
        place = self.folder / name
        place.mkdir(exist_ok=True)
        known = {**os.environ, **self.environment, **environment, "HOME": str(place), "TMPDIR": str(place)}
        # The command works in another folder than this process, for which a path may be named from here
        paths = [
            str(REPO_ROOT),
            *(os.path.abspath(path) for path in os.environ.get("PYTHONPATH", "").split(os.pathsep)),
        ]
        with (place / "log").open("ab") as log:
            process = subprocess.Popen(
                [*self.prefixes[machine], sys.executable, *command],
                cwd=place,
                env={**known, "PYTHONPATH": os.pathsep.join(paths)},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._started.append(process)
        return process

    def start_scheduler(self) -> subprocess.Popen[bytes]:
        options = ("--host", self.address, "--port", str(PORT), "--no-dashboard")
        return self.start(0, "scheduler", "-m", "distributed.cli.dask_scheduler", *options)

    def start_worker(self, machine: int) -> subprocess.Popen[bytes]:
        """A worker with one reading process and no data folder; its files are in worker<machine>/."""
        name = f"worker{machine}"
        options = ("--scheduler", self.scheduler, "--exchange", self.exchange, "--processes", "1")
        command = (*TOUMING, "worker", *options, "--scratch", str(self.folder / name))
        return self.start(machine, name, *command, TOUMING_DATA=str(self.folder / name / "nothing"))

    def start_run(self, data: Path, documents: Path) -> subprocess.Popen[bytes]:
        """`touming run` on the machine with the warehouse."""
        return self.start(
            0,
            "run",
            *TOUMING,
            "run",
            str(documents),
            TOUMING_DATA=str(data),
            TOUMING_SCHEDULER=self.scheduler,
            TOUMING_EXCHANGE=self.exchange,
        )

    def read_log(self, name: str) -> str:
        return (self.folder / name / "log").read_text(errors="replace")

    def stop(self) -> None:
        for process in self._started:
            kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL, to everything it started as well: a machine that loses power."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_until(is_so: Callable[[], object], what: str) -> None:
    """Look again and again; AssertionError when it has not come about after minutes."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.05)


@contextmanager
def make_machines(folder: Path, count: int) -> Iterator[Machines]:
    """A machine for the scheduler and the warehouse, and `count` others."""
    with ExitStack() as stack:
        try:
            names = stack.enter_context(_make_namespaces(count + 1))
            prefixes = [("ip", "netns", "exec", name) for name in names]
            address = "10.213.0.1"
        except (OSError, subprocess.CalledProcessError):  # not permitted, or no such program
            prefixes, address = [()] * (count + 1), "127.0.0.1"
        machines = Machines(folder, prefixes, address, str(folder / "exchange"))
        stack.callback(machines.stop)
        yield machines


@contextmanager
def _make_namespaces(count: int) -> Iterator[list[str]]:
    """Network namespaces on one bridge, 10.213.0.1 and on; that of this process is left alone."""
    if shutil.which("ip") is None:
        raise OSError("no program ip")
    run = secrets.token_hex(3)
    names = [f"touming-{run}-{number}" for number in range(count)]
    with ExitStack() as stack:
        for name in names:
            _ip("netns", "add", name)
            stack.callback(_ip, "netns", "delete", name)
        _ip("-n", names[0], "link", "add", "bridge", "type", "bridge")
        _ip("-n", names[0], "address", "add", "10.213.0.1/24", "dev", "bridge")
        _ip("-n", names[0], "link", "set", "bridge", "up")
        for number, name in enumerate(names):
            _ip("-n", name, "link", "set", "lo", "up")
            if number == 0:
                continue
            port = f"port{number}"
            _ip("link", "add", port, "netns", names[0], "type", "veth", "peer", "name", "eth0", "netns", name)
            _ip("-n", names[0], "link", "set", port, "master", "bridge", "up")
            _ip("-n", name, "address", "add", f"10.213.0.{number + 1}/24", "dev", "eth0")
            _ip("-n", name, "link", "set", "eth0", "up")
        yield names


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)
