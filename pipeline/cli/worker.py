"""`touming worker`: read documents for another machine.

Belongs here: the command; it runs until it is stopped. Does not belong here: doing an order
(orchestration/order_reader.py) and the engine that brings orders (orchestration/dask_queue.py).
"""

from __future__ import annotations

from pathlib import Path

import click

from pipeline.cli.errors import CommandError, Exit


@click.command("worker")
@click.option(
    "--scheduler", required=True, envvar="TOUMING_SCHEDULER", metavar="ADDRESS", help="The Dask scheduler to work for."
)
@click.option(
    "--exchange",
    required=True,
    envvar="TOUMING_EXCHANGE",
    metavar="URL",
    help="The exchange as seen from here.",
)
@click.option("--processes", type=click.IntRange(min=1), help="How many documents are read at once; else one a core.")
@click.option(
    "--scratch",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the documents of one order, on a local disk; else that for temporary files.",
)
def command(scheduler: str, exchange: str, processes: int | None, scratch: Path | None) -> None:
    """Read documents for the machine that has the warehouse, until stopped. Needs no data folder of its own.

    TOUMING_SCHEDULER and TOUMING_EXCHANGE stand for the options of these names. docs/operations.md has the rest.
    """
    try:
        from pipeline.orchestration.dask_queue import serve_orders
    except ImportError as error:
        raise CommandError(
            Exit.UNEXPECTED,
            "extra_missing",
            f"a worker needs the extra touming[spread]: {error}",
            ".venv/bin/pip install --no-deps --require-hashes -r requirements-spread.lock",
        ) from error
    try:
        serve_orders(scheduler, exchange, processes, scratch)
    except (OSError, ValueError) as error:
        raise CommandError(
            Exit.UNEXPECTED,
            "worker_stopped",
            f"no work from {scheduler}, exchange {exchange}: {type(error).__name__}: {error}",
            "check both addresses and that the scheduler runs; then start the worker again",
        ) from error
