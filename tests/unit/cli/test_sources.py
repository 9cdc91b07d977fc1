from __future__ import annotations

import json
from dataclasses import replace

from pipeline.sources import registry


def test_sources_are_listed_with_their_addresses(run):
    rows = json.loads(run("sources", "--json").stdout)
    assert [row["source_id"] for row in rows] == [source.source_id for source in registry.load_sources()]
    shown = run("sources")
    assert shown.exit_code == 0
    assert "孟州市人民政府" in shown.stdout.replace("\n", "")


def test_a_division_that_no_gazetteer_has_is_named(run, monkeypatch):
    wrong = replace(registry.load_sources()[0], division_code="419999")
    monkeypatch.setattr(registry, "load_sources", lambda paths: (wrong,))
    result = run("sources", "--json")
    assert (result.exit_code, len(json.loads(result.stdout))) == (2, 1)
    assert f"division_wrong: {wrong.source_id}" in result.stderr


def test_a_wrong_line_of_the_register_is_named(run, monkeypatch, tmp_path):
    wrong = tmp_path / "seeds.csv"
    wrong.write_text(
        ",".join(registry.COLUMNS) + "\nx,某县人民政府,99,county,https://a.gov.cn/,auto,root,,,yes,\n", "utf-8"
    )
    monkeypatch.setattr(registry, "SEEDS_FILE", wrong)
    registry._load_shipped.cache_clear()
    result = run("sources")
    registry._load_shipped.cache_clear()
    assert result.exit_code == 2
    assert "registry_wrong" in result.stderr
    assert "2" in result.stderr
