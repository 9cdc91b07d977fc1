"""The resources: where the data lives, and which machines read.

Belongs here: the configurable data folder that every asset is given, and how reading assets come by other machines.
Does not belong here: an IO manager (tables are files and a database that their rooms write), a database connection held
open between steps, and reading on other machines (spread.py).
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
from pydantic import Field

from pipeline.orchestration.dead_runs import sign_run
from pipeline.orchestration.storing import Reader
from pipeline.paths import DataPaths

SCHEDULER_VARIABLE = "TOUMING_SCHEDULER"
EXCHANGE_VARIABLE = "TOUMING_EXCHANGE"
# Starting the reading processes costs a machine half a second an order; a machine that dies costs others one order
ORDER_SIZE = 1_000


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


class ReadingMachines(dg.ConfigurableResource[None]):
    """The machines that read. With neither address this one does, in as many processes as it has cores."""

    scheduler: str = Field(default="", description="address of the Dask scheduler, for example tls://coordinator:8786")
    exchange: str = Field(default="", description="URL of the exchange as this machine reaches it, for example s3://…")
    order_size: int = Field(default=ORDER_SIZE, ge=1, description="documents that a worker is given at a time, at most")

    @classmethod
    def from_environment(cls) -> "ReadingMachines":
        """The machines that TOUMING_SCHEDULER and TOUMING_EXCHANGE name."""
        return cls(
            scheduler=os.environ.get(SCHEDULER_VARIABLE, ""),
            exchange=os.environ.get(EXCHANGE_VARIABLE, ""),
        )

    @contextmanager
    def open_reader(self, log: Callable[[str], None]) -> Iterator[Reader | None]:
        """What reads on other machines, None where this one does; log is told how it goes, a line an order."""
        if not (self.scheduler or self.exchange):
            yield None
            return
        if not (self.scheduler and self.exchange):
            raise dg.Failure(
                f"reading on other machines takes both addresses: scheduler is {self.scheduler!r}, exchange is "
                f"{self.exchange!r}; set {SCHEDULER_VARIABLE} and {EXCHANGE_VARIABLE}, or neither to read here",
                allow_retries=False,
            )
        try:
            from pipeline.orchestration.dask_queue import DaskQueue
            from pipeline.orchestration.exchange import Exchange
            from pipeline.orchestration.spread import Spreader
        except ImportError as error:
            raise dg.Failure(
                f"reading on other machines needs the extra touming[spread]: {error}; install "
                f"requirements-spread.lock, or unset {SCHEDULER_VARIABLE} and {EXCHANGE_VARIABLE} to read here",
                allow_retries=False,
            ) from error
        with DaskQueue(self.scheduler) as queue:
            yield Spreader(Exchange(self.exchange), queue, self.order_size, log)
