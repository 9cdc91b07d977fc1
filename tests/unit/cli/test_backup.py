from __future__ import annotations

import shutil


def build_id(run) -> str:
    result = run("query", "SELECT build_id FROM meta.build", "--format", "csv")
    assert result.exit_code == 0, result.stderr
    return result.stdout.split()[-1]


def test_a_restored_archive_builds_the_same_warehouse(run, data, sample, tmp_path, monkeypatch):
    folder = tmp_path / "one"
    folder.mkdir()
    shutil.copy(sample, folder)
    assert run("run", str(folder)).exit_code == 0
    before = build_id(run)
    backup = str(tmp_path / "backup")
    made = run("backup", backup)
    assert made.exit_code == 0, made.stderr
    assert run("restore", backup, "--list").stdout == made.stdout
    assert run("backup", backup, "--verify").exit_code == 0

    refused = run("restore", backup)
    assert refused.exit_code == 2
    assert "error [restore_refused]" in refused.stderr

    monkeypatch.setenv("TOUMING_DATA", str(tmp_path / "elsewhere"))
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    assert run("restore", backup).stdout.strip() == str(tmp_path / "elsewhere")
    again = run("run")
    assert again.exit_code == 0, again.stderr
    assert "0 new captures" in again.stdout
    assert build_id(run) == before


def test_a_damaged_backup_is_three(run, data, sample, tmp_path):
    assert run("ingest", str(sample)).exit_code == 0
    backup = tmp_path / "backup"
    assert run("backup", str(backup)).exit_code == 0
    (blob,) = (backup / "blobs").glob("??/*")
    blob.write_bytes(b"")
    result = run("backup", str(backup), "--verify")
    assert (result.exit_code, result.stdout) == (3, "")
    assert blob.name in result.stderr
    assert "error [backup_damaged]" in result.stderr


def test_a_lost_blob_is_four_and_the_rest_is_backed_up(run, data, sample, tmp_path):
    assert run("ingest", str(sample)).exit_code == 0
    (blob,) = data.blobs.glob("??/*")
    blob.unlink()
    result = run("backup", str(tmp_path / "backup"))
    assert result.exit_code == 4
    assert result.stdout.strip()
    assert f"not taken: blob {blob.name}" in result.stderr


def test_a_folder_that_is_no_backup_says_so(run, data, tmp_path):
    result = run("restore", str(tmp_path))
    assert result.exit_code == 2
    assert "error [backup_missing]" in result.stderr


def test_a_backup_that_cannot_be_written_says_where(run, data, sample, tmp_path):
    assert run("ingest", str(sample)).exit_code == 0
    (tmp_path / "file").write_text("in the way")
    result = run("backup", str(tmp_path / "file" / "backup"))
    assert result.exit_code == 1
    assert "error [backup_unwritable]" in result.stderr


def test_records_in_postgres_are_pointed_out(run, data, sample, tmp_path, monkeypatch):
    assert run("ingest", str(sample)).exit_code == 0
    monkeypatch.setenv("TOUMING_POSTGRES_URL", "postgresql+psycopg2://nobody@127.0.0.1:1/none")
    result = run("backup", str(tmp_path / "backup"))
    assert result.exit_code == 0
    assert "pg_dump" in result.stderr


def test_verifying_takes_no_other_option(run, data, tmp_path):
    assert run("backup", str(tmp_path), "--verify", "--keep", "3").exit_code == 2
