"""The `touming` command: names of the commands and their loading.

Belongs here: the list of commands; each is imported only when it is asked for, so that --help is quick. Does not belong
here: what a command does (one module each).
"""

from __future__ import annotations

import importlib
import sys
import traceback

import click

from pipeline.cli.errors import EXIT_CODES_HELP, CommandError, Exit
from pipeline.orchestration.home import InstanceUnavailableError

# command -> what it does, in one line; its module has the same name and a click command `command`
COMMANDS = {
    "init": "Make a data folder outside the checkout, with its settings.",
    "run": "Ingest, read, merge, build, check and publish; then say what came of it.",
    "ingest": "Put files into the archive without reading them.",
    "report": "Read one document and show what it says; needs no warehouse.",
    "status": "Show how the warehouse and the crawl stand.",
    "query": "Ask the published warehouse in SQL.",
    "export": "Write tables, or the answer to a question, for Excel and other programs.",
    "source": "Show where in which document a number is printed.",
    "decide": "Confirm or dismiss a finding, with the reason.",
    "validate": "Run every check on the published warehouse, or on another file.",
    "reparse": "Read some documents again and publish the result.",
    "release": "Write a dated release of the published warehouse, or verify one.",
    "site": "Write the pages of the published warehouse: charts, filters, every number beside its source.",
    "serve": "Show those pages on this machine, with the source text of every report.",
    "crawl": "Visit the registered sites and keep what is new.",
    "probe": "Look at an address once: what kind of site it is, what a crawl would find.",
    "sources": "List the sites and columns where reports are published, with their health.",
    "warc": "Write what the crawl captured as a WARC file.",
    "backup": "Copy what nothing else can make again into a backup folder, only what is new.",
    "restore": "Bring a backup back into an empty data folder.",
    "maintain": "Delete the records of old runs, and pack what many nights have left.",
    "worker": "Read documents for another machine, until stopped.",
    "doctor": "Check this machine and this checkout.",
    "completion": "Print what a shell needs to complete commands, options and values.",
}


class CommandGroup(click.Group):
    """A group whose commands live in modules of their own, imported on demand."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click's signature)
        """The commands, in the order a newcomer needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import one command."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"pipeline.cli.{cmd_name}").command
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; records of Dagster that cannot be opened are an error of whichever command needs them."""
        try:
            return super().invoke(ctx)
        except InstanceUnavailableError as error:
            raise CommandError(Exit.UNEXPECTED, error.code, str(error), error.next_step) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The list for --help, without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=CommandGroup, epilog=EXIT_CODES_HELP, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="touming", message="touming %(version)s")
def touming() -> None:
    """Numbers of China's annual reports on government information disclosure, each with its place in print.

    Data goes to stdout, everything else to stderr.
    """


def main(arguments: list[str] | None = None) -> None:
    """Run one command and exit with its code; an error nobody foresaw shows its traceback and exits with 1."""
    try:
        touming.main(args=arguments, prog_name="touming", standalone_mode=True)
    except Exception as error:
        traceback.print_exc()
        click.echo(
            f"error [unexpected]: {type(error).__name__}: {error}\n"
            "  next: this is a defect; please report it with the lines above and the output of touming doctor",
            err=True,
        )
        sys.exit(Exit.UNEXPECTED)
