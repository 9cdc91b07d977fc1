"""A release: whole or not there, the same for the same content, and described by the contract."""

from __future__ import annotations

import csv
import datetime as dt
import errno
import fcntl
import hashlib
import io
import json
import shutil
import subprocess
import sys
import zipfile
from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl
import pytest
import yaml

from pipeline.contract.schema import SCHEMA_VERSION
from pipeline.paths import REPO_ROOT, DataPaths
from pipeline.warehouse import release as release_module
from pipeline.warehouse import release_tables
from pipeline.warehouse.build import wal_of
from pipeline.warehouse.errors import ReleaseError
from pipeline.warehouse.publish import PublishedWarehouse, publish
from pipeline.warehouse.release import Release, make_release

DAY = dt.date(2026, 11, 21)
DATED = {"CITATION.cff"}


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory, published_once: PublishedWarehouse) -> Release:
    """The first release of the two agencies, in a folder of its own; for reading only."""
    return make_release(DataPaths(published_once.path.parents[1]), DAY, output=tmp_path_factory.mktemp("releases"))


def hash_tree(folder: Path) -> dict[str, str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def read_csv(path: Path) -> list[list[str]]:
    with zipfile.ZipFile(path) as archive:
        (name,) = archive.namelist()
        assert name == path.stem
        content = archive.read(name)
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_the_database_is_the_published_file(first, published_once):
    assert (first.folder / "touming.duckdb").read_bytes() == published_once.path.read_bytes()
    assert (first.version, first.build_id, first.previous) == ("2026.11.0", published_once.build_id, None)


def test_parquet_has_every_row_of_every_table_by_key(first):
    con = duckdb.connect(str(first.folder / "touming.duckdb"), read_only=True)
    assert {f"{path.parent.name}.{path.stem}" for path in first.folder.glob("parquet/*/*.parquet")} == {
        f"{schema}.{table}"
        for schema, table in con.execute("SELECT schema_name, table_name FROM duckdb_tables()").fetchall()
    }
    for table in first.tables:
        key = ", ".join(table.schema.key)
        expected = con.execute(f"SELECT * FROM {table.schema.name} ORDER BY {key}").fetchall()
        assert con.execute(f"FROM '{first.folder / table.parquet}'").fetchall() == expected, table.schema.name
        assert table.row_count == len(expected)
    con.close()


def test_other_programs_read_the_parquet(first):
    cells = pl.read_parquet(first.folder / "parquet/core/cell.parquet")
    assert cells.schema["value"] == pl.Decimal(24, 8)
    fees = cells.filter(cell_code="proactive.admin_fees.amount")["value"]
    assert set(fees) == {Decimal("12.34567800"), Decimal(0)}
    captures = pl.read_parquet(first.folder / "parquet/raw/capture.parquet")
    assert captures.schema["captured_at"] == pl.Datetime("us")


def test_csv_is_for_spreadsheets(first):
    rows = read_csv(first.folder / "csv/core/cell.csv.zip")
    header, body = rows[0], rows[1:]
    cells = [dict(zip(header, row, strict=True)) for row in body]
    assert {c["value"] for c in cells if c["cell_code"] == "proactive.admin_fees.amount"} == {"12.345678", "0"}
    blank = [c for c in cells if c["state_code"] == "blank"]
    assert blank
    assert all(c["value"] == "" for c in blank)
    assert {c["value"] for c in cells if c["cell_code"] == "proactive.licensing.decisions"} == {"120", "0"}
    captured = read_csv(first.folder / "csv/raw/capture.csv.zip")
    assert captured[1][captured[0].index("captured_at")] == "2026-01-02T03:04:05.000000Z"
    findings = read_csv(first.folder / "csv/core/finding.csv.zip")
    assert json.loads(findings[1][findings[0].index("cell_code_list")])


def test_a_long_table_is_parquet_only_and_the_readme_says_so(paths, published, monkeypatch):
    monkeypatch.setattr(release_tables, "CSV_ROW_LIMIT", 700)
    made = make_release(paths, DAY)
    without = [table.schema.name for table in made.tables if table.csv is None]
    assert "core.cell" in without
    assert "core.report" not in without
    assert not (made.folder / "csv/core/cell.csv.zip").exists()
    assert (made.folder / "parquet/core/cell.parquet").exists()
    assert "`core.cell`" in (made.folder / "README.md").read_text(encoding="utf-8").partition("## How to read")[0]


def test_the_package_describes_every_file_as_the_contract_does(first):
    package = json.loads((first.folder / "datapackage.json").read_text(encoding="utf-8"))
    assert (package["version"], package["touming:build_id"]) == ("2026.11.0", first.build_id)
    assert package["touming:schema_version"] == SCHEMA_VERSION
    resources = {resource["path"]: resource for resource in package["resources"]}
    data = {name: digest for name, digest in hash_tree(first.folder).items() if name.startswith(("parquet/", "csv/"))}
    assert {path: r["hash"].removeprefix("sha256:") for path, r in resources.items()} == data
    names = {resource["name"] for resource in package["resources"]}
    for resource in package["resources"]:
        fields = {field["name"]: field for field in resource["schema"]["fields"]}
        assert set(resource["schema"]["primaryKey"]) <= fields.keys()
        assert all(" / " in field["description"] for field in fields.values())
        for key in resource["schema"].get("foreignKeys", ()):
            assert key["reference"]["resource"] in names
        ((missing,),) = (resource["schema"]["missingValues"],)
        assert missing["value"] == ""
        assert "never zero" in missing["label"]
    cell = {field["name"]: field for field in resources["parquet/core/cell.parquet"]["schema"]["fields"]}
    assert cell["value"]["type"] == "number"
    assert "required" not in cell["value"].get("constraints", {})
    assert "reported" in cell["state_code"]["constraints"]["enum"]
    assert {"fields": ["report_id"], "reference": {"resource": "core.report", "fields": ["report_id"]}} in resources[
        "parquet/core/cell.parquet"
    ]["schema"]["foreignKeys"]


def test_the_citation_is_one(first):
    citation = yaml.safe_load((first.folder / "CITATION.cff").read_text(encoding="utf-8"))
    assert (citation["cff-version"], citation["type"], citation["version"]) == ("1.2.0", "dataset", "2026.11.0")
    assert citation["date-released"] == "2026-11-21"
    assert citation["identifiers"][0]["value"] == first.build_id
    assert citation["authors"]


def test_the_manifest_is_what_sha256sum_reads(first):
    if not shutil.which("sha256sum"):
        pytest.skip("sha256sum is not installed")
    subprocess.run(
        ["sha256sum", "-c", "--strict", "MANIFEST.sha256"], cwd=first.folder, capture_output=True, check=True
    )


def test_the_same_content_gives_the_same_bytes(paths, reports, build_stages, first):
    build_stages(list(reversed(reports)))
    publish(paths.build, paths)
    again = make_release(paths, DAY + dt.timedelta(days=1))
    before, after = hash_tree(first.folder), hash_tree(again.folder)
    assert before.keys() == after.keys()
    differing = {name for name in before if before[name] != after[name]}
    assert DATED <= differing <= {*DATED, "MANIFEST.sha256", "touming.duckdb"}


def test_rows_are_sorted_wherever_they_stood(paths, published, first):
    with duckdb.connect(str(paths.published)) as con:
        con.execute("CREATE TEMP TABLE shuffled AS FROM core.cell ORDER BY cell_code DESC, report_id")
        con.execute("DELETE FROM core.cell")
        con.execute("INSERT INTO core.cell FROM shuffled")
    made = make_release(paths, DAY)
    for name in ("parquet/core/cell.parquet", "csv/core/cell.csv.zip"):
        assert (made.folder / name).read_bytes() == (first.folder / name).read_bytes()


def test_versions_follow_the_month_and_compare_with_the_one_before(paths, published):
    made = [make_release(paths, DAY), make_release(paths, DAY), make_release(paths, dt.date(2026, 12, 1))]
    assert [(one.version, one.previous) for one in made] == [
        ("2026.11.0", None),
        ("2026.11.1", "2026.11.0"),
        ("2026.12.0", "2026.11.1"),
    ]
    between = make_release(paths, DAY, version="2026.11.10")
    assert between.previous == "2026.11.1"
    assert make_release(paths, DAY).version == "2026.11.11"


@pytest.mark.parametrize(
    ("version", "code"),
    [("2026.11.0", "release_exists"), ("2026.13.0", "version_malformed"), ("1", "version_malformed")],
)
def test_a_version_that_exists_or_is_none_is_refused(paths, published, version, code):
    folder = make_release(paths, DAY).folder
    before = hash_tree(folder)
    with pytest.raises(ReleaseError) as refused:
        make_release(paths, DAY, version=version)
    assert refused.value.code == code
    assert hash_tree(folder) == before


def test_without_a_warehouse_there_is_no_release(paths):
    with pytest.raises(ReleaseError, match="touming run") as refused:
        make_release(paths, DAY)
    assert refused.value.code == "warehouse_missing"
    assert not paths.releases.exists()


def test_a_published_file_that_was_written_to_is_refused(paths, published):
    wal_of(paths.published).write_bytes(b"left behind")
    with pytest.raises(ReleaseError) as refused:
        make_release(paths, DAY)
    assert refused.value.code == "warehouse_unreadable"


def test_a_file_that_is_no_database_is_refused(paths, published):
    paths.published.write_bytes(b"not a database at all")
    with pytest.raises(ReleaseError) as refused:
        make_release(paths, DAY)
    assert refused.value.code == "warehouse_unreadable"


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE core.section DROP COLUMN locator_text",
        "ALTER TABLE core.section ALTER COLUMN locator_text TYPE INTEGER USING 1",
        "CREATE TABLE mart.extra (n INTEGER)",
        "DROP TABLE mart.coverage",
    ],
)
def test_a_warehouse_of_another_version_is_not_described_wrongly(paths, published, change):
    with duckdb.connect(str(paths.published)) as con:
        con.execute(change)
    with pytest.raises(ReleaseError) as refused:
        make_release(paths, DAY)
    assert refused.value.code == "warehouse_outdated"
    assert not (paths.releases / "2026.11.0").exists()


def test_a_full_disk_leaves_nothing_and_says_so(paths, published, monkeypatch):
    def fill_disk(source, target):
        Path(target).write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(release_module.shutil, "copyfile", fill_disk)
    with pytest.raises(ReleaseError, match="free") as refused:
        make_release(paths, DAY)
    assert refused.value.code == "disk_full"
    assert [path.name for path in paths.releases.iterdir()] == [".lock"]


def test_a_disk_that_fills_while_duckdb_writes_is_the_same(paths, published, monkeypatch):
    def fill_disk(*arguments):
        raise duckdb.IOException("Could not write all bytes to file: No space left on device")

    monkeypatch.setattr(release_module, "export_table", fill_disk)
    with pytest.raises(ReleaseError) as refused:
        make_release(paths, DAY)
    assert refused.value.code == "disk_full"


def test_only_one_release_is_written_at_a_time(paths, published):
    paths.releases.mkdir(parents=True)
    with (paths.releases / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(ReleaseError) as refused:
            make_release(paths, DAY)
    assert refused.value.code == "release_running"


def test_a_killed_release_leaves_no_version_and_the_next_clears_it(paths, published):
    script = (
        "import datetime, os, signal, sys\n"
        "from pathlib import Path\n"
        "from pipeline.paths import DataPaths\n"
        "from pipeline.warehouse import release\n"
        "release.os.rename = lambda *paths: os.kill(os.getpid(), signal.SIGKILL)\n"
        "release.make_release(DataPaths(Path(sys.argv[1])), datetime.date(2026, 11, 21))\n"
    )
    command = [sys.executable, "-c", script, str(paths.root)]
    killed = subprocess.run(command, cwd=REPO_ROOT, capture_output=True, check=False)
    assert killed.returncode == -9
    (left,) = [path for path in paths.releases.iterdir() if path.is_dir()]
    assert left.name.startswith(".")
    made = make_release(paths, DAY)
    assert (made.version, made.previous) == ("2026.11.0", None)
    assert sorted(path.name for path in paths.releases.iterdir()) == [".lock", "2026.11.0"]
