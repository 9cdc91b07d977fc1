"""What a shell offers: asked of click's own completer, and of a bash that has read the script."""

from __future__ import annotations

import os
import shlex
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete

from pipeline.cli.main import COMMANDS, touming
from pipeline.issues import IssueCode
from pipeline.paths import REPO_ROOT

TABLES = """
CREATE SCHEMA core; CREATE SCHEMA mart; CREATE SCHEMA meta; CREATE SCHEMA zh;
CREATE TABLE core.agency AS SELECT unnest(['甲县人民政府', '甲县财政局', '乙县（试验区）', '甲县 a;b']) AS agency_name;
CREATE TABLE core.agency_name AS SELECT '甲县政府办' AS agency_name_text;
CREATE TABLE core.report AS SELECT unnest([2022, 2023, 2023, NULL]) AS report_year;
CREATE TABLE core.division AS SELECT * FROM (VALUES ('410000', 1, '河南省'), ('410308', 1, '孟津区'))
    AS t (division_code, holder_number, division_name);
CREATE TABLE meta.form_cell AS SELECT 'disputes.review.upheld' AS cell_code, '维持' AS label_zh;
CREATE VIEW zh.机关 AS FROM core.agency;
CREATE TABLE mart.agency_year AS SELECT 1 AS one;
"""


@pytest.fixture
def warehouse(data, publish_tables):
    publish_tables(TABLES)
    return data


def offer(*typed: str) -> list[str]:
    """What is offered for the last of these words."""
    completer = ShellComplete(touming, {}, "touming", "_TOUMING_COMPLETE")
    return [item.value for item in completer.get_completions(list(typed[:-1]), typed[-1])]


def test_commands_and_options_are_offered(data):
    assert offer("") == list(COMMANDS)
    assert offer("re") == [name for name in COMMANDS if name.startswith("re")]
    assert offer("status", "--j") == ["--json"]
    assert offer("query", "--format", "p") == ["parquet"]
    assert offer("completion", "") == ["bash", "zsh", "fish"]


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        (("source", "甲县"), ["甲县人民政府", "甲县政府办", "甲县财政局"]),
        (("source", "甲县财政局", ""), ["2023", "2022"]),
        (("source", "甲县财政局", "2023", "disp"), ["disputes.review.upheld"]),
        (("export", "mart."), ["mart.agency_year"]),
        (("export", "core.agency", "zh."), ["zh.机关"]),
        (("reparse", "--agency", "乙"), ["乙县（试验区）"]),
        (("reparse", "--region", ""), ["410000"]),
        (("crawl", "--province", "42"), []),
    ],
)
def test_values_of_the_published_warehouse_are_offered(warehouse, typed, offered):
    assert offer(*typed) == offered


def test_issue_codes_and_sources_need_no_warehouse(data):
    assert offer("reparse", "--issue", "") == [str(code) for code in IssueCode]
    assert "customs-zhanjiang-nb" in offer("crawl", "--source", "customs")


def test_without_a_warehouse_there_is_nothing_to_offer(data):
    assert offer("source", "甲") == []
    assert not data.root.exists()


def test_a_warehouse_that_cannot_be_asked_offers_nothing(warehouse, capfd):
    held = "import duckdb, sys; con = duckdb.connect(sys.argv[1]); print(1, flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", held, str(warehouse.published)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline()
        assert offer("source", "甲") == []
        holder.stdin.close()
    assert offer("source", "乙")
    warehouse.published.write_bytes(b"no database" * 1000)
    assert offer("source", "甲") == []
    assert offer("export", "") == []
    assert capfd.readouterr().err == ""


def test_a_wrong_register_offers_nothing(data):
    data.root.mkdir()
    data.sources.write_text("source_id\nx\n")
    assert offer("crawl", "--source", "") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_asks_the_command_that_click_answers(run, shell):
    script = run("completion", shell).stdout
    assert f"_TOUMING_COMPLETE={shell}_complete" in script


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_bash_reads_the_script_and_completes(warehouse, tmp_path):
    """In a shell of its own, with the script as the documented line puts it there."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "touming"
    start = "from pipeline.cli.main import main; main()"
    environment = f"PYTHONPATH={shlex.quote(str(REPO_ROOT))}"
    program.write_text(f'#!/bin/sh\n{environment} exec {sys.executable} -c "{start}" "$@"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    asked = """
eval "$(touming completion bash)"
complete_line() {
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
    "$(complete -p touming | sed 's/.*-F \\([^ ]*\\).*/\\1/')" touming "${COMP_WORDS[COMP_CWORD]}"
    echo "${COMPREPLY[*]}"
}
complete_line touming val
complete_line touming source 甲县财
"""
    told = subprocess.run(
        ["bash", "--norc", "-c", asked],
        env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=True,
        cwd=Path("/"),
    )
    assert told.stdout.split() == ["validate", "甲县财政局"]
