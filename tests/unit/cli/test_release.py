from __future__ import annotations

import json

import duckdb

from pipeline.warehouse.release_verify import hash_files, write_manifest


def test_without_a_warehouse_the_error_says_what_to_do(run, data):
    result = run("release")
    assert (result.exit_code, result.stdout) == (5, "")
    assert "error [warehouse_missing]" in result.stderr
    assert "touming run" in result.stderr


def test_a_malformed_version_is_wrong_usage(run, data):
    data.published.parent.mkdir(parents=True)
    data.published.touch()
    result = run("release", "--version", "v1")
    assert result.exit_code == 2
    assert "error [version_malformed]" in result.stderr


def test_verifying_takes_no_other_option(run, data, tmp_path):
    assert run("release", "--verify", str(tmp_path), "--version", "2026.1.0").exit_code == 2


def test_a_folder_that_is_no_release_does_not_verify(run, data, tmp_path):
    result = run("release", "--verify", str(tmp_path))
    assert (result.exit_code, result.stdout) == (3, "")
    assert "error [release_incomplete]" in result.stderr


def test_a_release_of_another_build_does_not_verify(run, data, tmp_path):
    with duckdb.connect(str(tmp_path / "touming.duckdb")) as con:
        con.execute("CREATE SCHEMA meta")
        con.execute("CREATE TABLE meta.build AS SELECT 'abc' AS build_id")
    (tmp_path / "datapackage.json").write_text(json.dumps({"version": "2026.1.0", "touming:build_id": "abc"}))
    write_manifest(tmp_path, hash_files(tmp_path))
    result = run("release", "--verify", str(tmp_path))
    assert result.exit_code == 3
    assert "is stamped" in result.stderr
