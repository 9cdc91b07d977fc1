"""Where DAGSTER_HOME is, ready for use; `python -m pipeline.orchestration.home` prints it for the Makefile.

Belongs here: making the folder, choosing its dagster.yaml, the environment. Does not belong here: opening the instance.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

from pipeline.paths import REPO_ROOT, DataPaths

HOME_VARIABLE = "DAGSTER_HOME"
# Where Dagster keeps its records; without it in SQLite files of its home
POSTGRES_VARIABLE = "TOUMING_POSTGRES_URL"
_SETTINGS = "dagster.yaml"


class InstanceUnavailableError(RuntimeError):
    """Dagster's records cannot be opened; code and next_step are those a command ends with."""

    def __init__(self, code: str, message: str, next_step: str) -> None:
        super().__init__(message)
        self.code = code
        self.next_step = next_step


def prepare_home(paths: DataPaths) -> Path:
    """The folder that DAGSTER_HOME names, with its settings; data/dagster where it names none.

    The home in the data folder gets the checkout's settings each time, so that an upgrade brings its own: dagster.yaml,
    or deploy/dagster.yaml where TOUMING_POSTGRES_URL says where the database is. A home elsewhere is an operator's own
    and is left alone. InstanceUnavailableError when the database is named and its packages are not installed.
    """
    # The setting in dagster.yaml stops recording; only this one stops the uploader
    os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "1")
    require_postgres()
    home = find_home(paths)
    if home == paths.dagster_home:
        put_settings(home)
    os.environ[HOME_VARIABLE] = str(home)
    return home


def find_home(paths: DataPaths) -> Path:
    """Where Dagster's home is or would be; nothing is made."""
    named = os.environ.get(HOME_VARIABLE)
    return Path(named) if named else paths.dagster_home


def is_recorded(paths: DataPaths) -> bool:
    """Whether there can be records of runs: a database is named, or something has run here."""
    return is_on_postgres() or (find_home(paths) / "history").is_dir()


def is_on_postgres() -> bool:
    """Whether the environment says that Dagster keeps its records in PostgreSQL."""
    return bool(os.environ.get(POSTGRES_VARIABLE))


def require_postgres() -> None:
    """InstanceUnavailableError when the database is named, but the packages that speak to it are missing."""
    missing = [name for name in ("dagster_postgres", "psycopg2") if importlib.util.find_spec(name) is None]
    if is_on_postgres() and missing:
        raise InstanceUnavailableError(
            "postgres_missing",
            f"{POSTGRES_VARIABLE} is set, and {' and '.join(missing)} cannot be imported by {sys.executable}",
            f"{sys.executable} -m pip install --no-deps --require-hashes -r requirements-postgres.lock, or unset "
            f"{POSTGRES_VARIABLE}",
        )


def put_settings(home: Path) -> None:
    """Give a home the checkout's settings, in one step and only where they differ: services start at the same time."""
    home.mkdir(parents=True, exist_ok=True)
    target = home / _SETTINGS
    content = (REPO_ROOT / ("deploy" if is_on_postgres() else "") / _SETTINGS).read_bytes()
    if target.is_file() and target.read_bytes() == content:
        return
    unfinished = target.with_name(f".{_SETTINGS}.{os.getpid()}")
    unfinished.write_bytes(content)
    unfinished.replace(target)


if __name__ == "__main__":
    try:
        sys.stdout.write(f"{prepare_home(DataPaths.from_environment())}\n")
    except InstanceUnavailableError as error:
        sys.exit(f"error [{error.code}]: {error}\n  next: {error.next_step}")
