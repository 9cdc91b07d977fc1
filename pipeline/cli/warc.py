"""`touming warc`: the crawl's archive as a WARC file.

Belongs here: the command. Does not belong here: the records (crawl/warc.py).
"""

from __future__ import annotations

from pathlib import Path

import click

from pipeline.cli.errors import CommandError, Exit
from pipeline.cli.register import source_option


@click.command("warc")
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path))
@source_option
def command(path: Path, source_ids: tuple[str, ...]) -> None:
    """Write every page and file that the crawl captured to PATH (.warc.gz), oldest first."""
    from pipeline.archive.captures import CaptureLog
    from pipeline.archive.store import BlobDamagedError, BlobMissingError, BlobStore
    from pipeline.crawl.warc import export_warc
    from pipeline.paths import DataPaths

    paths = DataPaths.from_environment()
    captures = [one for one in CaptureLog(paths.captures).read() if not source_ids or one.source_id in source_ids]
    partial = path.with_name(f".{path.name}.part")
    try:
        with partial.open("wb") as stream:
            count = export_warc(captures, BlobStore(paths.blobs), stream)
        partial.replace(path)
    except (BlobMissingError, BlobDamagedError) as error:
        raise CommandError(Exit.UNEXPECTED, "blob_unusable", str(error), "then export again") from None
    finally:
        partial.unlink(missing_ok=True)
    click.echo(f"{count} records in {path}", err=True)
