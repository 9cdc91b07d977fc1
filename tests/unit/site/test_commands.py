"""`touming site`, `touming serve` and the asset: what they say, and how they fail."""

from __future__ import annotations

import dagster as dg
import pytest
from click.testing import CliRunner

from pipeline.cli.main import touming
from pipeline.orchestration.resources import DataFolder
from pipeline.orchestration.site_asset import site as site_asset


@pytest.fixture
def run(monkeypatch):
    def invoke(data, *arguments):
        monkeypatch.setenv("TOUMING_DATA", str(data))
        return CliRunner().invoke(touming, list(arguments), catch_exceptions=False)

    return invoke


def test_site_prints_the_page_to_open(run, published, tmp_path):
    result = run(published.paths.root, "site", "--output", str(tmp_path / "pages"), "--report-limit", "1")
    assert result.exit_code == 0
    assert result.stdout == f"{tmp_path / 'pages' / 'index.html'}\n"
    assert (tmp_path / "pages" / "index.html").is_file()
    assert "0 of 16 reports with their source text" in result.stderr
    assert "touming serve" in result.stderr


def test_site_without_a_warehouse_says_what_to_do(run, tmp_path):
    result = run(tmp_path, "site")
    assert result.exit_code == 5
    assert "warehouse_missing" in result.stderr
    assert not (tmp_path / "warehouse" / "site").exists()


def test_site_does_not_replace_somebodys_folder(run, published, tmp_path):
    (tmp_path / "letter.txt").write_text("mine", encoding="utf-8")
    result = run(published.paths.root, "site", "--output", str(tmp_path))
    assert result.exit_code == 2
    assert "site_folder_foreign" in result.stderr


def test_serve_without_a_site_says_what_to_do(run, tmp_path):
    result = run(tmp_path, "serve")
    assert result.exit_code == 2
    assert "site_missing" in result.stderr


def test_serve_says_that_a_port_is_taken(run, published, site):
    from pipeline.site.server import open_server

    with open_server(site.folder, published.paths.published, lambda sha256: [], 0) as server:
        result = run(published.paths.root, "serve", "--port", str(server.server_port))
    assert result.exit_code == 2
    assert "port_taken" in result.stderr


def test_the_asset_writes_the_same_site(published, site):
    result = dg.materialize([site_asset], resources={"data": DataFolder(root=str(published.paths.root))})
    (event,) = result.get_asset_materialization_events()
    assert event.materialization.metadata["build_id"].value == site.build_id
    assert event.materialization.metadata["with source text"].value == 16
