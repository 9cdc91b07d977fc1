"""Command line of the generator: `python -m bench samples` and `python -m bench corpus`.

Belongs here: options and where files go. Does not belong here: making documents.
"""

from __future__ import annotations

from pathlib import Path

import click

from bench.corpus import build_corpus, write_documents
from bench.samples import TRUTH_FOLDER, build_samples
from pipeline.paths import REPO_ROOT, DataPaths


@click.group()
def main() -> None:
    """Write documents that look like published reports, each with the numbers it prints."""


@main.command()
def samples() -> None:
    """Write the bundled samples to data/raw/samples/ and their truths to bench/truth/."""
    folder = DataPaths(REPO_ROOT / "data").samples
    count = write_documents(build_samples(), folder, TRUTH_FOLDER)
    click.echo(f"{count} samples in {folder}, truths in {TRUTH_FOLDER}", err=True)


@main.command()
@click.option("--reports", type=click.IntRange(min=1), required=True, help="How many documents to write.")
@click.option("--seed", type=int, required=True, help="The same seed gives the same documents.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="Folder to write to.")
def corpus(reports: int, seed: int, out: Path) -> None:
    """Write simulated documents to OUT/documents and their truths to OUT/truth."""
    count = write_documents(build_corpus(reports, seed), out / "documents", out / "truth")
    click.echo(f"{count} documents in {out / 'documents'}, truths in {out / 'truth'}", err=True)


if __name__ == "__main__":
    main()
