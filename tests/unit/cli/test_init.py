from __future__ import annotations

import shlex
import stat
import subprocess

import pytest
import yaml

from pipeline.facts.decisions import COLUMNS
from pipeline.paths import DataPaths


@pytest.fixture
def folder(tmp_path):
    return DataPaths(tmp_path / "a folder of $its own")


def read_environment(path):
    """What a shell makes of the environment file."""
    script = f'set -a; . {shlex.quote(str(path))}; set +a; printf \'%s\\n\' "$TOUMING_DATA" "$DAGSTER_HOME"'
    return subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True, env={}).stdout.splitlines()


def test_folder_is_ready_to_be_named(run, data, folder):
    result = run("init", str(folder.root))
    assert result.exit_code == 0, result.stderr
    environment = folder.root / "touming.env"
    assert result.stdout.strip() == str(environment)
    assert read_environment(environment) == [str(folder.root), str(folder.dagster_home)]
    assert stat.S_IMODE(environment.stat().st_mode) == 0o600
    assert folder.inbox.is_dir()
    assert folder.decisions.read_text().splitlines()[-1] == ",".join(COLUMNS)
    assert yaml.safe_load((folder.dagster_home / "dagster.yaml").read_text())["telemetry"] == {"enabled": False}
    assert "touming doctor" in result.stderr
    assert not data.root.exists()


def test_what_is_there_is_left_alone(run, data, folder):
    run("init", str(folder.root))
    (folder.root / "touming.env").write_text("TOUMING_DATA=elsewhere\n")
    folder.decisions.write_text("decided")
    result = run("init", str(folder.root))
    assert result.exit_code == 0
    assert "made" not in result.stderr
    assert (folder.root / "touming.env").read_text() == "TOUMING_DATA=elsewhere\n"
    assert folder.decisions.read_text() == "decided"


def test_a_new_folder_takes_a_run_and_a_restoration(run, data, folder, sample, tmp_path, monkeypatch):
    run("ingest", str(sample))
    assert run("backup", str(tmp_path / "backup")).exit_code == 0
    run("init", str(folder.root))
    monkeypatch.setenv("TOUMING_DATA", str(folder.root))
    assert run("restore", str(tmp_path / "backup")).exit_code == 0
    result = run("run")
    assert result.exit_code == 0, result.stderr
    assert folder.published.is_file()


def test_a_folder_that_cannot_be_made_says_so(run, data, tmp_path):
    (tmp_path / "file").write_text("in the way")
    result = run("init", str(tmp_path / "file" / "folder"))
    assert result.exit_code == 1
    assert "error [folder_unwritable]" in result.stderr
