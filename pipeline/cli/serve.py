"""`touming serve`: the site on this machine, with the source text of every report.

Belongs here: the command and its messages. Does not belong here: answering (pipeline/site/server.py).
"""

from __future__ import annotations

from pathlib import Path

import click

from pipeline.cli.errors import CommandError, Exit


@click.command("serve")
@click.option("--port", type=click.IntRange(0, 65535), default=8321, show_default=True, help="0 takes a free one.")
@click.option(
    "--folder", type=click.Path(file_okay=False, path_type=Path), help="Folder of the site; else warehouse/site."
)
def command(port: int, folder: Path | None) -> None:
    """Show the site that `touming site` wrote on http://127.0.0.1, until Ctrl-C.

    Only this machine can open it. Reports that the folder does not hold are read from the archive on demand.
    """
    from pipeline.orchestration.source_text import SourceTexts
    from pipeline.paths import DataPaths
    from pipeline.site.build import MARKER
    from pipeline.site.server import open_server

    paths = DataPaths.from_environment()
    folder = (folder or paths.site).absolute()
    if not (folder / MARKER).exists():
        raise CommandError(Exit.USAGE, "site_missing", f"there is no site in {folder}", "touming site writes it")
    try:
        server = open_server(folder, paths.published, SourceTexts(paths).read, port)
    except OSError as error:
        raise CommandError(
            Exit.USAGE, "port_taken", f"port {port} cannot be used: {error.strerror}", "name another with --port"
        ) from error
    click.echo(f"http://127.0.0.1:{server.server_port}/index.html")
    click.echo("stop with Ctrl-C", err=True)
    with server:
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            click.echo("stopped", err=True)
