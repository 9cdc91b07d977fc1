"""Where DAGSTER_HOME is, ready for use; `python -m pipeline.orchestration.home` prints it for the Makefile.

Belongs here: making the folder, its dagster.yaml and the environment. Does not belong here: opening the instance.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from pipeline.paths import REPO_ROOT, DataPaths

HOME_VARIABLE = "DAGSTER_HOME"


def prepare_home(paths: DataPaths) -> Path:
    """The folder DAGSTER_HOME names, else data/dagster with the checkout's dagster.yaml copied into it."""
    # The setting in dagster.yaml stops recording; only this one stops the uploader
    os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "1")
    if named := os.environ.get(HOME_VARIABLE):
        return Path(named)
    home = paths.dagster_home
    home.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(REPO_ROOT / "dagster.yaml", home / "dagster.yaml")
    os.environ[HOME_VARIABLE] = str(home)
    return home


if __name__ == "__main__":
    sys.stdout.write(f"{prepare_home(DataPaths.from_environment())}\n")
