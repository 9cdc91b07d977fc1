"""Command line of the benchmarks: `python -m bench --help` lists the commands.

Belongs here: options and where files go. Does not belong here: making documents, measuring.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from bench.corpus import build_corpus, write_documents
from bench.crawl import QUICK_CRAWL, CrawlSettings, measure_crawl
from bench.crawl_page import format_crawl
from bench.formats import FORMATS
from bench.identify import measure_identification
from bench.measure import QUICK, Settings, list_available_formats, measure_reading, show_progress
from bench.nation.documents import Nation, list_skipped_formats
from bench.nation.judge import count_misread
from bench.nation.measure import QUICK_NATION, NationSettings, measure_nation
from bench.nation.page import format_nation
from bench.nation.write import write_nation
from bench.overhead import measure_overhead
from bench.page import format_faults, format_page
from bench.samples import TRUTH_FOLDER, build_samples
from bench.site import QUICK_SITE, SiteSettings, measure_site
from bench.site_page import format_site
from bench.warehouse import measure_warehouse
from bench.warehouse_page import format_warehouse
from pipeline.paths import REPO_ROOT, DataPaths

MEASURED = REPO_ROOT / "bench" / "measured.json"
PAGE = REPO_ROOT / "docs" / "benchmarks.md"
FILE = click.Path(dir_okay=False, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)
quick_option = click.option(
    "--quick", is_flag=True, help="Few of each, within a minute; stored only where --json says."
)
stored_option = click.option(
    "--json", "json_path", type=FILE, help=f"Where the figures are stored [{MEASURED.relative_to(REPO_ROOT)}]."
)


@click.group()
def main() -> None:
    """Write documents that look like published reports, and measure how they are read."""


@main.command()
def samples() -> None:
    """Write the bundled samples to data/raw/samples/ and their truths to bench/truth/."""
    folder = DataPaths(REPO_ROOT / "data").samples
    count = write_documents(build_samples(), folder, TRUTH_FOLDER)
    click.echo(f"{count} samples in {folder}, truths in {TRUTH_FOLDER}", err=True)


@main.command()
@click.option("--reports", type=click.IntRange(min=1), required=True, help="How many documents to write.")
@click.option("--seed", type=int, required=True, help="The same seed gives the same documents.")
@click.option("--out", type=FOLDER, required=True, help="Folder to write to.")
@click.option(
    "--format",
    "formats",
    type=click.Choice(list(FORMATS)),
    multiple=True,
    help="Only these; else all that can be made.",
)
def corpus(reports: int, seed: int, out: Path, formats: tuple[str, ...]) -> None:
    """Write simulated documents to OUT/documents and their truths to OUT/truth."""
    available, skipped = list_available_formats()
    for name in skipped.keys() & set(formats):
        raise click.ClickException(f"cannot make {name}: {skipped[name]}")
    for name, reason in () if formats else skipped.items():
        click.echo(f"skipped {name}: {reason}", err=True)
    count = write_documents(build_corpus(reports, seed, formats or available), out / "documents", out / "truth")
    click.echo(f"{count} documents in {out / 'documents'}, truths in {out / 'truth'}", err=True)
    if count < reports:
        click.echo(
            f"{reports - count} documents are missing: the program that makes them failed or took too long", err=True
        )


@main.command()
@click.option("--reports", type=click.IntRange(min=0), help="How many simulated reports.")
@click.option("--mutations", type=click.IntRange(min=0), help="How many damaged documents.")
@quick_option
@click.option("--peers", type=FILE, help="A Python that has bs4, pandas, pdfplumber or python-docx, to compare with.")
@stored_option
def measure(
    reports: int | None, mutations: int | None, quick: bool, peers: Path | None, json_path: Path | None
) -> None:
    """Measure accuracy, damage and speed of reading; prints the page, stores the figures."""
    settings = replace(QUICK if quick else Settings(), peers=peers)
    settings = settings if reports is None else replace(settings, reports=reports)
    settings = settings if mutations is None else replace(settings, mutations=mutations)
    measured = measure_reading(settings)
    click.echo(format_page(measured), nl=False)
    click.echo(format_faults(measured), err=True, nl=False)
    stored = json_path or (None if quick else MEASURED)
    if stored is not None:
        _store_figures(stored, _read_figures(stored) | measured)


@main.command()
@click.option("--hosts", type=click.IntRange(min=1), help="How many sites, each on an address of its own.")
@click.option("--faulty-documents", type=click.IntRange(min=1), help="How many documents on sites with faults.")
@quick_option
@click.option("--peers", type=FILE, help="A Python that has Scrapy, to compare with.")
@stored_option
def crawl(
    hosts: int | None, faulty_documents: int | None, quick: bool, peers: Path | None, json_path: Path | None
) -> None:
    """Measure crawling over local sites: cost at many hosts, and what comes home through faults."""
    settings = replace(QUICK_CRAWL if quick else CrawlSettings(), peers=peers)
    settings = settings if hosts is None else replace(settings, hosts=hosts)
    settings = settings if faulty_documents is None else replace(settings, faulty_documents=faulty_documents)
    measured = measure_crawl(settings)
    click.echo(format_crawl(measured), nl=False)
    stored = json_path or (None if quick else MEASURED)
    if stored is not None:
        _store_figures(stored, _read_figures(stored) | {"crawl": measured})


@main.command()
@click.option("--reports", type=click.IntRange(min=1), help="Reports a year, each of another agency.")
@click.option("--years", type=click.IntRange(min=1), default=1, show_default=True, help="How many years, until 2025.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same documents.")
@click.option(
    "--folder",
    type=FOLDER,
    help="Where to work: what is done there is not done again, and the largest size stays. Else it is all deleted.",
)
@quick_option
@stored_option
def nation(
    reports: int | None, years: int, seed: int, folder: Path | None, quick: bool, json_path: Path | None
) -> None:
    """Measure whole nights over a nation's documents, at 1,000, 10,000, 40,000 and so many REPORTS a year."""
    settings = replace(QUICK_NATION if quick else NationSettings(), years=years, seed=seed)
    settings = settings if reports is None else replace(settings, reports_per_year=reports)
    with tempfile.TemporaryDirectory(prefix="touming-nation-", ignore_cleanup_errors=True) as temporary:
        try:
            measured = measure_nation(settings, (folder or Path(temporary)).absolute(), Console(stderr=True))
        except (ValueError, RuntimeError) as error:
            raise click.ClickException(str(error)) from error
    click.echo(format_nation(measured), nl=False)
    stored = json_path or (None if quick else MEASURED)
    if stored is not None:
        _store_figures(stored, _read_figures(stored) | {"nation": measured})
    misread = [one["reports"] for one in measured["sizes"] if count_misread(one["verdicts"])]
    if misread:
        raise click.ClickException(
            f"numbers were published that are not printed, at {', '.join(map(str, misread))} reports: the page lists "
            "them, python -m bench nation-documents writes their documents again"
        )


@main.command("nation-documents")
@click.option("--reports", type=click.IntRange(min=1), required=True, help="Reports a year, each of another agency.")
@click.option("--years", type=click.IntRange(min=1), default=1, show_default=True, help="How many years, until 2025.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same documents.")
@click.option("--out", type=FOLDER, required=True, help="Folder to write to; what is there of them is not made again.")
def nation_documents(reports: int, years: int, seed: int, out: Path) -> None:
    """Write a nation's documents to OUT/documents and their truth, as Parquet, to OUT/truth."""
    for name, reason in list_skipped_formats().items():
        click.echo(f"skipped {name}: {reason}", err=True)
    try:
        wanted = Nation(reports, years, seed)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    with show_progress(Console(stderr=True)) as progress:
        bar = progress.add_task("reports", total=wanted.slot_count)
        for count in write_nation(wanted, out):
            progress.advance(bar, count)
    click.echo(f"documents in {out / 'documents'}, truths in {out / 'truth'}", err=True)


@main.command()
@click.option("--names", type=click.IntRange(min=1), default=160_000, show_default=True, help="A year's reports.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same names.")
def identify(names: int, seed: int) -> None:
    """Measure how names of agencies are resolved, on one core; prints the figures."""
    click.echo(json.dumps(asdict(measure_identification(names, seed)), indent=1))


@main.command()
@click.option("--reports", type=click.IntRange(min=1), default=160_000, show_default=True, help="Reports a year.")
@click.option("--years", type=click.IntRange(min=1, max=15), default=1, show_default=True, help="How many years.")
@click.option("--base", type=click.IntRange(min=1), default=2_000, show_default=True, help="Reports really read.")
@click.option("--folder", type=FOLDER, help="An empty folder to work in; else one that is deleted afterwards.")
@stored_option
def warehouse(reports: int, years: int, base: int, folder: Path | None, json_path: Path | None) -> None:
    """Measure building, publishing and asking a warehouse of so many reports, as rows; stores the figures."""
    if folder is not None and folder.exists() and any(folder.iterdir()):
        raise click.ClickException(f"{folder} is not empty: name a new folder, everything in it would count")
    with tempfile.TemporaryDirectory(prefix="touming-warehouse-", ignore_cleanup_errors=True) as temporary:
        measured = measure_warehouse(
            folder or Path(temporary),
            reports,
            tuple(range(2025 - years + 1, 2026)),
            base,
            lambda text: click.echo(text, err=True),
        )
    click.echo(format_warehouse(measured), nl=False)
    stored = json_path or MEASURED
    _store_figures(stored, _read_figures(stored) | {"warehouse": measured})


@main.command()
@click.option("--reports", type=click.IntRange(min=1), help="Reports of all years together.")
@click.option("--years", type=click.IntRange(min=1, max=15), default=2, show_default=True, help="How many years.")
@click.option(
    "--folder", type=FOLDER, help="A data folder: what is published there is measured, else rows are made there."
)
@quick_option
@stored_option
def site(reports: int | None, years: int, folder: Path | None, quick: bool, json_path: Path | None) -> None:
    """Measure writing the site of so many reports, as rows, opening its pages and choosing from their lists."""
    settings = replace(QUICK_SITE if quick else SiteSettings(), years=years)
    settings = settings if reports is None else replace(settings, reports=reports)
    with tempfile.TemporaryDirectory(prefix="touming-site-", ignore_cleanup_errors=True) as temporary:
        try:
            measured = measure_site(
                settings, (folder or Path(temporary)).absolute(), lambda text: click.echo(text, err=True)
            )
        except ValueError as error:
            raise click.ClickException(str(error)) from error
    click.echo(format_site(measured), nl=False)
    stored = json_path or (None if quick else MEASURED)
    if stored is not None:
        _store_figures(stored, _read_figures(stored) | {"site": measured})


@main.command()
@click.option("--reports", type=click.IntRange(min=1), default=2_000, show_default=True, help="How many new documents.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same documents.")
@click.option("--folder", type=FOLDER, required=True, help="An empty folder to work in.")
def overhead(reports: int, seed: int, folder: Path) -> None:
    """Measure how much of a night is Dagster's own; prints the figures."""
    if folder.exists() and any(folder.iterdir()):
        raise click.ClickException(f"{folder} is not empty: name a new folder, everything in it would be read")
    click.echo(json.dumps(measure_overhead(folder, reports, seed), indent=1))


@main.command()
@click.option("--json", "json_path", type=FILE, default=MEASURED, help="Where the figures are stored.")
def page(json_path: Path) -> None:
    """Write docs/benchmarks.md from stored figures."""
    if not json_path.is_file():
        raise click.ClickException(f"no figures at {json_path}: run python -m bench measure first")
    PAGE.write_text(format_page(json.loads(json_path.read_text(encoding="utf-8"))), encoding="utf-8")
    click.echo(f"{PAGE} written", err=True)


def _read_figures(path: Path) -> dict[str, Any]:
    figures: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return figures


def _store_figures(path: Path, measured: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(measured, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    click.echo(f"figures stored in {path}; python -m bench page writes docs/benchmarks.md from them", err=True)


if __name__ == "__main__":
    main()
