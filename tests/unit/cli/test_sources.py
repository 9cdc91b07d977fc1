from __future__ import annotations

import json

from pipeline.sources import registry


def test_sources_are_listed_with_their_addresses(run):
    rows = json.loads(run("sources", "--json").stdout)
    assert [row["source_id"] for row in rows] == [source.source_id for source in registry.load_sources()]
    shown = run("sources")
    assert shown.exit_code == 0
    assert "孟州市人民政府" in shown.stdout.replace("\n", "")


def test_a_wrong_line_of_the_register_is_named(run, monkeypatch, tmp_path):
    wrong = tmp_path / "seeds.csv"
    wrong.write_text(
        ",".join(registry.COLUMNS) + "\nx,某县人民政府,99,county,https://a.gov.cn/,auto,root,,,yes,\n", "utf-8"
    )
    monkeypatch.setattr(registry, "SEEDS_FILE", wrong)
    registry.load_sources.cache_clear()
    result = run("sources")
    registry.load_sources.cache_clear()
    assert result.exit_code == 2
    assert "registry_wrong" in result.stderr
    assert "2" in result.stderr
