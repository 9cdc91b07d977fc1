"""The one place that knows directory names.

Belongs here: where raw bytes, stages, the build and the published warehouse live under a data folder.
Does not belong here: reading or writing any of them.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

REPO_ROOT = Path(__file__).resolve().parent.parent
SQL_ROOT = REPO_ROOT / "sql"
DATA_VARIABLE = "TOUMING_DATA"


@dataclass(frozen=True, slots=True)
class DataPaths:
    """Every folder and file under one data root; `root` is data/ of the checkout unless TOUMING_DATA says otherwise."""

    root: Path

    @classmethod
    def from_environment(cls) -> DataPaths:
        """The data root named by TOUMING_DATA, else data/ beside the package."""
        named = os.environ.get(DATA_VARIABLE)
        return cls(Path(named).expanduser().resolve() if named else REPO_ROOT / "data")

    @property
    def blobs(self) -> Path:
        """Captured bytes, one file per sha256: blobs/ab/abcdef…"""
        return self.root / "raw" / "blobs"

    @property
    def captures(self) -> Path:
        """The append-only capture log, one JSON line per capture."""
        return self.root / "raw" / "captures"

    @property
    def inbox(self) -> Path:
        """Where a person drops files that the next run ingests."""
        return self.root / "raw" / "inbox"

    @property
    def samples(self) -> Path:
        """The bundled sample documents."""
        return self.root / "raw" / "samples"

    @property
    def frontier(self) -> Path:
        """What the crawl has asked for and will ask for next; remade from the captures when it is lost."""
        return self.root / "state" / "frontier.sqlite"

    @property
    def last_failure(self) -> Path:
        """What the last run that failed came to; of no more use once it was read."""
        return self.root / "state" / "last_failure.json"

    @property
    def decisions(self) -> Path:
        """What people have decided about findings, one line each; kept and reviewed like raw, never rebuilt."""
        return self.root / "decisions.csv"

    @property
    def sources(self) -> Path:
        """Columns to watch beside those of the checkout, or in their place; an operator's own."""
        return self.root / "sources.csv"

    @property
    def overrides(self) -> Path:
        """What single hosts need, beside what the checkout says of them or in its place."""
        return self.root / "overrides.toml"

    @property
    def warehouse(self) -> Path:
        """Everything that is rebuilt from raw."""
        return self.root / "warehouse"

    @property
    def stage(self) -> Path:
        """Parquet stages: stage/<schema>/<table>/year=…/part.parquet."""
        return self.warehouse / "stage"

    @property
    def shards(self) -> Path:
        """What reading wrote: shards/year=…/<batch>/<table>.parquet, and for each year which batch counts for whom."""
        return self.warehouse / "shards"

    @property
    def build(self) -> Path:
        """The private database of the one writer."""
        return self.warehouse / "build" / "touming.build.duckdb"

    @property
    def published(self) -> Path:
        """The database analysts open; replaced whole, never written in place."""
        return self.warehouse / "touming.duckdb"

    @property
    def releases(self) -> Path:
        """What was released, one folder per data version; never changed once it is there."""
        return self.warehouse / "releases"

    @property
    def site(self) -> Path:
        """The static site, made of the published database."""
        return self.warehouse / "site"

    @property
    def dagster_home(self) -> Path:
        """Run storage and logs of Dagster, unless DAGSTER_HOME is set."""
        return self.root / "dagster"
