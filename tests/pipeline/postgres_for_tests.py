"""A PostgreSQL server of the test's own: made, started, stopped and deleted by it, never one that is there already."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

DEBIAN = Path("/usr/lib/postgresql")


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """One cluster in a folder of its own, and the user that runs it."""

    programs: Path
    folder: Path
    port: int
    user: str | None

    @property
    def url(self) -> str:
        return f"postgresql+psycopg2://touming@127.0.0.1:{self.port}/postgres"

    def make(self) -> None:
        options = ["-D", str(self.folder / "data"), "-U", "touming", "-A", "trust", "-E", "UTF8", "--no-sync"]
        self._run("initdb", *options)

    def start(self) -> None:
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        log = str(self.folder / "log")
        self._run("pg_ctl", "start", "-w", "-t", "60", "-D", str(self.folder / "data"), "-l", log, "-o", options)

    def stop(self) -> None:
        self._run("pg_ctl", "stop", "-w", "-m", "immediate", "-D", str(self.folder / "data"))

    def _run(self, program: str, *arguments: str) -> None:
        as_user = ["runuser", "-u", self.user, "--"] if self.user else []
        command = [*as_user, str(self.programs / program), *arguments]
        # Not captured through a pipe: the server inherits it and would hold it open
        subprocess.run(command, cwd=self.folder, stdout=subprocess.DEVNULL, check=True, timeout=120)


def why_not() -> str:
    """Why no server can be started here; '' when one can."""
    if find_programs() is None:
        return "initdb and pg_ctl are not installed (Debian: postgresql)"
    if os.getuid() == 0 and (shutil.which("runuser") is None or find_user() is None):
        return "PostgreSQL does not run as root, and there is no other user to run it as"
    return ""


def find_programs() -> Path | None:
    found = shutil.which("initdb")
    places = [*([Path(found).resolve().parent] if found else []), *sorted(DEBIAN.glob("*/bin"), reverse=True)]
    return next((place for place in places if (place / "initdb").exists() and (place / "pg_ctl").exists()), None)


def find_user() -> str | None:
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody") if name in known), None)


@contextmanager
def start_postgres() -> Iterator[PostgresServer]:
    """A running server on a free port of the loopback address."""
    programs = find_programs()
    assert programs is not None, why_not()
    user = find_user() if os.getuid() == 0 else None
    # Not below pytest's folder, which nobody but its owner may enter
    folder = Path(tempfile.mkdtemp(prefix="touming-postgres-"))
    try:
        if user:
            shutil.chown(folder, user)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        server = PostgresServer(programs, folder, port, user)
        server.make()
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
