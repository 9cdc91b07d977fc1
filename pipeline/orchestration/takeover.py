"""What comes before a code server starts: its home is ready, and runs that died with the one before are ended.

`python -m pipeline.orchestration.takeover`, for deploy/systemd/touming-code.service alone: where another code server is
still running, its runs would be taken for dead. Belongs here: that order. Does not belong here: how either is done.
"""

from __future__ import annotations

import sys

from pipeline.orchestration.home import InstanceUnavailableError
from pipeline.orchestration.instance import open_instance, release_orphaned_runs
from pipeline.paths import DataPaths


def take_over(paths: DataPaths) -> list[str]:
    """Prepare the home and end what the code server before left behind; the ids of these runs."""
    with open_instance(paths) as instance:
        return release_orphaned_runs(instance)


if __name__ == "__main__":
    try:
        for run_id in take_over(DataPaths.from_environment()):
            sys.stdout.write(f"run {run_id} died with the code server before this one and is marked as failed\n")
    except InstanceUnavailableError as error:
        sys.exit(f"error [{error.code}]: {error}\n  next: {error.next_step}")
