"""What is written: every word, place and number that pages ask for, nothing from elsewhere, no person's name."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
import shutil
from pathlib import Path

import duckdb
import pytest

from pipeline.contract.schema import load_tables
from pipeline.orchestration.source_text import SourceTexts
from pipeline.site.answers import Warehouse
from pipeline.site.build import Site, SiteError, write_site
from pipeline.site.labels import SITE_ROOT, load_labels
from pipeline.site.pages import NAVIGATION, PAGES
from pipeline.warehouse.query_errors import QueryError
from tests.unit.site.conftest import PERSONS

ASSETS = sorted((SITE_ROOT / "assets").glob("*.js"))
# The vocabulary of labels.yml -> the column of the contract whose values it words
VOCABULARIES = {
    "level": "division_level",
    "kind": "organ_kind_code",
    "basis": "deadline_basis_code",
    "grade": "grade_code",
    "verdict": "verdict_code",
    "severity": "severity_code",
    "decision": "decision_code",
    "change": "version_change_code",
    "state": "state_code",
    "method": "method_code",
    "scope": "scope_code",
    "lineage": "lineage_kind_code",
    "confidence": "identity_confidence_code",
}


def read_script(site: Site, key: str) -> object:
    text = (site.folder / "data" / f"{key}.js").read_text(encoding="utf-8")
    opening = f'touming.receive("{key}",'
    assert text.startswith(opening)
    assert text.endswith(")\n")
    return json.loads(text[len(opening) : -2])


def records(table: object) -> list[dict[str, object]]:
    assert isinstance(table, dict)
    return [dict(zip(table["columns"], row, strict=True)) for row in table["rows"]]


def test_every_text_that_a_script_names_is_there():
    texts, codes = load_labels().texts, load_labels().codes
    for path in ASSETS:
        script = path.read_text(encoding="utf-8")
        named = re.findall(r'(?<![\w.])t\(\s*"([\w.]+)"', script)
        assert set(named) <= set(texts), f"{path.name}: {set(named) - set(texts)}"
        vocabularies = re.findall(r'(?<![\w.])word\(\s*"(\w+)"', script)
        assert set(vocabularies) <= set(codes), path.name


def test_every_text_and_vocabulary_is_used():
    used = "".join(path.read_text(encoding="utf-8") for path in SITE_ROOT.rglob("*") if path.suffix in (".js", ".html"))
    for key in load_labels().texts:
        room, name = key.split(".", 1)
        if room in ("nav", "page", "lead"):
            assert name in PAGES, key
        else:
            # Named whole, or put together from a code that a script names
            assert f'"{key}"' in used or f"'{key}'" in used or (f"`{room}.${{" in used and f'"{name}"' in used), key
    assert all(f'"{vocabulary}"' in used or f"codes.{vocabulary}" in used for vocabulary in load_labels().codes)


@pytest.mark.parametrize("vocabulary", VOCABULARIES)
def test_every_code_of_the_contract_has_words(vocabulary):
    values = {
        value
        for table in load_tables().values()
        for column in table.columns
        if column.name == VOCABULARIES[vocabulary]
        for value in column.values
    }
    assert values
    assert values <= set(load_labels().codes[vocabulary])


def test_scripts_find_every_place_on_their_page(site):
    for page in PAGES:
        html = (site.folder / f"{page}.html").read_text(encoding="utf-8")
        places = set(re.findall(r'id="([\w-]+)"', html))
        scripts = re.findall(r'src="assets/([\w.]+)"', html)
        # Of the page of revisions a report's page has the columns alone
        own = "".join(
            (SITE_ROOT / "assets" / name).read_text(encoding="utf-8")
            for name in scripts
            if (name, page) != ("revisions.js", "report")
        )
        asked = set(re.findall(r'(?:fill|place|showChart|showFilters)\(\s*"([\w-]+)"', own))
        assert asked <= places, f"{page}: {asked - places}"
        for source in re.findall(r'(?:src|href)="((?:assets|downloads)/[^"]+)"', html):
            assert (site.folder / source).is_file(), f"{page}: {source}"
        for name in NAVIGATION:
            assert f'href="{name}.html"' in html


def test_nothing_is_loaded_from_elsewhere(site):
    for path in [*site.folder.glob("*.html"), *(site.folder / "assets").glob("*.*")]:
        if path.name == "plotly.min.js":
            continue
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"https?://|[\"'(]//\w|@import|\bfetch\(|XMLHttpRequest|WebSocket", text), path.name


def test_only_script_files_and_downloads_hold_data(site):
    assert {path.suffix for path in (site.folder / "data").rglob("*") if path.is_file()} == {".js"}
    assert site.file_count == sum(path.is_file() for path in site.folder.rglob("*"))


def test_persons_are_masked_everywhere(published, site):
    blobs = b"".join(path.read_bytes() for path in published.paths.blobs.rglob("*") if path.is_file())
    for person in PERSONS:
        assert person.encode() in blobs, "the document itself names them"
    for path in site.folder.rglob("*"):
        if path.is_file() and path.name != "plotly.min.js":
            content = path.read_bytes()
            found = [person for person in PERSONS if person.encode() in content]
            assert not found, f"{path.relative_to(site.folder)}: {found}"
    report = published.value("SELECT document_id FROM raw.capture WHERE origin_text LIKE '%21-persons%'")
    source = json.dumps(read_script(site, f"report/{report}")["source"], ensure_ascii=False)
    assert "申请人＊＊＊、＊＊＊、＊＊＊就征地补偿提出申请" in source


def test_sums_by_region_are_those_of_the_marts(published, site):
    shown = {
        (row["report_year"], row["region_code"], row["scope_code"]): row
        for path in (site.folder / "data" / "region").glob("*.js")
        for row in records(read_script(site, f"region/{path.stem}"))
        if row["division_level"] == "all"
    }
    sums = published.ask(
        "SELECT report_year, region_code, scope_code, report_count, request_received_count, outcome_disposed_count, "
        "granted_count, granted_partial_count, other_count, penalty_decision_count, panel_request_received_count "
        "FROM mart.region_year"
    )
    names = ("report", "received", "disposed", "granted", "granted_partial", "other", "penalty", "panel_received")
    assert len(sums) > 20
    for year, region, scope, *figures in sums:
        row = shown[year, region, scope]
        assert [row[f"{name}_count"] for name in names] == figures, (year, region, scope)
    assert {key for key in shown if key[2] != "all"} == {row[:3] for row in sums if row[2] != "all"}


def test_publication_by_level_is_that_of_the_mart(published, site):
    states = ("expected", "published", "due", "on_time", "late", "date_unknown", "not_found", "blocked", "not_due")
    columns = ", ".join(f"{state}_count" for state in states)
    shown = {
        (row["report_year"], row["region_code"], row["division_level"]): [row[f"{state}_count"] for state in states]
        for row in records(read_script(site, "region/000000")) + records(read_script(site, "region/410000"))
        if row["scope_code"] == "all"
    }
    rows = published.ask(
        f"SELECT report_year, region_code, division_level, {columns} FROM mart.coverage "
        "WHERE region_code LIKE '41%' OR region_code LIKE '%0000'"
    )
    assert len(rows) > 20
    for year, region, level, *counts in rows:
        assert shown[year, region, level] == counts, (year, region, level)


def test_an_agencys_cells_are_those_of_its_report(published, site):
    forms = records(read_script(site, "forms")["cells"])
    marks = {"b": "blank", "/": "slash", "-": "dash", "t": "text", "?": "ambiguous", "!": "illegible", "": "absent"}
    compared = 0
    for path in (site.folder / "data" / "agency").glob("*.js"):
        shard = read_script(site, f"agency/{path.stem}")
        for agency in shard["agencies"].values():
            for report in records({"columns": shard["columns"]["report"], "rows": agency["report"]}):
                if report["cells_text"] is None:
                    continue
                codes = [row["cell_code"] for row in forms if row["edition_code"] == report["edition_code"]]
                parts = report["cells_text"].split(",")
                assert len(parts) == len(codes)
                printed = {
                    code: (value, state)
                    for code, value, state in published.ask(
                        "SELECT cell_code, value, state_code FROM core.cell WHERE report_id = $id",
                        id=report["report_id"],
                    )
                }
                for code, part in zip(codes, parts, strict=True):
                    value, state = printed.get(code, (None, "absent"))
                    assert marks.get(part, "reported") == state, code
                    assert state != "reported" or float(part) == float(value), code
                    compared += 1
    assert compared > 2000


def test_downloads_are_the_tables_and_have_their_checksums(published, site):
    folder = site.folder / "downloads"
    lines = (folder / "MANIFEST.sha256").read_text(encoding="utf-8").splitlines()
    assert {line.split("  ")[1] for line in lines} == {path.name for path in folder.glob("*.csv*")}
    for line in lines:
        digest, name = line.split("  ")
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    content = (folder / "mart.agency_year.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    asked = published.ask(
        "SELECT agency_id, report_year, request_received_count, published_date FROM mart.agency_year "
        "ORDER BY agency_id, report_year"
    )
    told = [
        (row["agency_id"], int(row["report_year"]), row["request_received_count"], row["published_date"])
        for row in rows
    ]
    assert told == [(a, y, "" if n is None else str(n), "" if d is None else d.isoformat()) for a, y, n, d in asked]


def test_a_changed_number_is_on_the_page_of_revisions(published, site):
    (row,) = records(read_script(site, "revision/2024"))
    assert (row["cell_code"], row["previous_value"], row["value"]) == ("proactive.licensing.decisions", "9487", "9488")
    versions = records(read_script(site, "changed_versions"))
    assert ("figures", 1) in {(one["version_change_code"], one["changed_cell_count"]) for one in versions}


def test_the_same_warehouse_gives_the_same_bytes(published, site, tmp_path):
    again = write_site(published.paths.published, tmp_path / "again", SourceTexts(published.paths).read)
    for path in site.folder.rglob("*"):
        if path.is_file():
            other = again.folder / path.relative_to(site.folder)
            assert other.read_bytes() == path.read_bytes(), path.name


def test_more_reports_than_the_limit_are_left_to_the_server(published, tmp_path):
    small = write_site(published.paths.published, tmp_path / "small", SourceTexts(published.paths).read, report_limit=3)
    assert small.shipped_report_count == 0 < small.report_count
    assert not (small.folder / "data" / "report").exists()
    assert read_script(small, "index")["has_reports"] is False


def test_another_folder_is_never_replaced(published, tmp_path):
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "letter.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(SiteError) as raised:
        write_site(published.paths.published, tmp_path / "letters", lambda sha256: [])
    assert raised.value.code == "site_folder_foreign"
    assert (tmp_path / "letters" / "letter.txt").read_text(encoding="utf-8") == "mine"


def test_a_failure_leaves_the_old_site(published, site, tmp_path):
    folder = tmp_path / "kept"
    write_site(published.paths.published, folder, lambda sha256: [])
    with pytest.raises(QueryError):
        write_site(tmp_path / "nothing.duckdb", folder, lambda sha256: [])
    assert (folder / "index.html").is_file()
    assert {path.name for path in tmp_path.iterdir()} == {"kept", ".kept.lock"}


def test_what_a_killed_writer_left_is_cleared_away(published, tmp_path):
    for name in (".kept.arriving", ".kept.old"):
        (tmp_path / name / "assets").mkdir(parents=True)
    write_site(published.paths.published, tmp_path / "kept", lambda sha256: [])
    assert {path.name for path in tmp_path.iterdir()} == {"kept", ".kept.lock"}


def test_a_warehouse_published_meanwhile_is_noticed(published, tmp_path):
    first, second = tmp_path / "first.duckdb", tmp_path / "second.duckdb"
    for path in (first, second):
        shutil.copyfile(published.paths.published, path)
    with duckdb.connect(str(second)) as con:
        con.execute("UPDATE meta.build SET build_id = 'another'")

    def publish_meanwhile(sha256):
        if second.exists():
            os.replace(second, first)
        return []

    with pytest.raises(SiteError) as raised:
        write_site(first, tmp_path / "site", publish_meanwhile)
    assert raised.value.code == "site_outrun"
    assert not (tmp_path / "site").exists()


def test_questions_of_the_site_name_their_grain():
    for path in sorted(Path(SITE_ROOT.parent.parent / "sql" / "site").glob("*.sql")):
        assert path.read_text(encoding="utf-8").startswith("-- grain: "), path.name


def test_numbers_keep_every_digit(published):
    answer = Warehouse(published.paths.published)
    with answer.stream_sql("SELECT 9007199254740993::BIGINT AS big, 12.34560000::DECIMAL(24, 8) AS exact") as (_, rows):
        from pipeline.site.scripts import to_plain

        assert to_plain(next(rows)) == ["9007199254740993", "12.3456"]
