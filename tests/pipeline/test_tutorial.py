"""Every command of docs/tutorial.md works, in its order, and prints what the page shows."""

from __future__ import annotations

import os
import shlex
import subprocess

import pytest
from click.testing import CliRunner

from pipeline.cli.main import touming
from pipeline.cli.summary import read_standing, show_standing
from pipeline.orchestration.instance import JobOutcome
from pipeline.paths import REPO_ROOT, DataPaths
from tests.pipeline.tutorial_for_tests import Step, printed_rows, read_exit_code, read_steps

STEPS = read_steps((REPO_ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8"))


@pytest.fixture
def folder(paths: DataPaths, monkeypatch: pytest.MonkeyPatch) -> DataPaths:
    """The samples' warehouse as `make run` leaves it, seen as a reader does who followed the first step."""
    monkeypatch.setenv("TOUMING_DATA", str(paths.root))
    # Set first, so that what a command sets is undone
    monkeypatch.setenv("DAGSTER_HOME", "")
    monkeypatch.delenv("DAGSTER_HOME")
    monkeypatch.chdir(REPO_ROOT)
    paths.inbox.mkdir(parents=True, exist_ok=True)
    return paths


def run_command(line: str) -> str:
    """What a command prints, on both streams; it must end with the exit code that its comment announces."""
    arguments = shlex.split(os.path.expandvars(line), comments=True)
    if arguments[0] == "touming":
        result = CliRunner().invoke(touming, arguments[1:])
        assert result.exit_code == read_exit_code(line), f"{line}\n{result.output}"
        return result.output
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=False)
    assert done.returncode == read_exit_code(line), f"{line}\n{done.stderr}"
    return done.stdout


def assert_shown(step: Step, output: str) -> None:
    """Each shown line is part of a printed one and each shown row begins a printed one, in the order shown."""
    lines = iter(output.splitlines())
    for excerpt in step.excerpts:
        for shown in excerpt:
            assert any(shown.strip() in printed for printed in lines), f"not printed: {shown}\n{output}"
    rows = iter(printed_rows(output))
    for table in step.tables:
        for row in table:
            assert any(printed[: len(row)] == row for printed in rows), f"not printed: {row}\n{output}"


def test_the_first_step_is_the_run_that_the_fixture_made(
    first_night: tuple[DataPaths, JobOutcome], capsys: pytest.CaptureFixture[str]
) -> None:
    folder, _ = first_night
    assert [line.split(" ")[0:2] for line in STEPS[0].commands] == [
        ["export", "TOUMING_DATA=$HOME/touming-tutorial"],
        ["make", "run"],
        ["source", ".venv/bin/activate"],
    ]
    makefile = (REPO_ROOT / "Makefile").read_text(encoding="utf-8")
    assert "run: $(INSTALLED)\n\t@$(BIN)/touming run --samples\n" in makefile
    show_standing(read_standing(folder))
    assert_shown(STEPS[0], capsys.readouterr().out)


def test_every_command_prints_what_the_page_shows(folder: DataPaths) -> None:
    for step in STEPS[1:]:
        assert_shown(step, "".join(run_command(line) for line in step.commands))
    assert not folder.root.exists(), "the last command deletes the data folder"


@pytest.mark.parametrize(
    "page",
    [
        "```sh\nx\n```\n```text\n14 reports\n```\n",
        "```sh\nx\n```\n```text\n1 failed\n15 reports\n```\n",
        "```sh\nx\n```\n\n| year | count |\n|---|---:|\n| 2025 | 154 |\n",
    ],
    ids=["figure", "order", "row"],
)
def test_a_page_that_shows_something_else_is_noticed(page: str) -> None:
    (step,) = read_steps(page)
    printed = "15 reports\n1 failed\n┃ year ┃ count ┃\n│ 2025 │   155 │\n"
    with pytest.raises(AssertionError, match="not printed"):
        assert_shown(step, printed)
