"""The one resource: where the data lives.

Belongs here: the configurable data folder that every asset is given. Does not belong here: an IO manager (tables are
files and a database that their rooms write), or a database connection held open between steps.
"""

from pathlib import Path

import dagster as dg

from pipeline.orchestration.dead_runs import sign_run
from pipeline.paths import DataPaths


class DataFolder(dg.ConfigurableResource[DataPaths]):
    """The data folder of this deployment; `root` is data/ of the checkout unless TOUMING_DATA says otherwise."""

    root: str

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        """Every run has this resource, in the process that executes it: the place to say which one that is."""
        if context.instance is not None and context.run is not None:
            sign_run(context.instance, context.run)

    def paths(self) -> DataPaths:
        """Every path below the folder."""
        return DataPaths(Path(self.root))
