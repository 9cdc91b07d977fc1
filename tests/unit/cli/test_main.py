from __future__ import annotations

import subprocess
import sys

import click
import pytest

from pipeline.cli import main as module
from pipeline.cli.errors import CommandError, Exit
from pipeline.cli.main import COMMANDS, touming


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_loads_and_has_help(run, name):
    result = run(name, "--help")
    assert result.exit_code == 0
    assert "Usage:" in result.stdout


def test_help_names_every_command_and_exit_code(run):
    result = run("--help")
    assert all(name in result.stdout for name in COMMANDS)
    assert all(f"{int(code)}  " in result.stdout for code in Exit)


def test_help_imports_no_command():
    script = (
        "import sys\n"
        "from pipeline.cli.main import main\n"
        "try:\n    main(['--help'])\n"
        "except SystemExit:\n    pass\n"
        "print(*[m for m in sys.modules if m.startswith('pipeline.cli.') or m in ('dagster', 'rich')], file=sys.stderr)"
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert sorted(found.stderr.split()) == ["pipeline.cli.errors", "pipeline.cli.main"]


def test_version(run):
    assert run("--version").stdout.startswith("touming ")


def test_unknown_command_is_a_usage_error(run):
    assert run("no-such-command").exit_code == Exit.USAGE


def test_error_goes_to_stderr_with_code_and_next_step(capsys):
    CommandError(Exit.NO_WAREHOUSE, "warehouse_missing", "there is none", "build one").show()
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "error [warehouse_missing]: there is none\n  next: build one\n"


def test_defect_exits_with_one_and_says_where_to_report(monkeypatch, capsys):
    @click.command("broken")
    def broken() -> None:
        raise ZeroDivisionError("nothing to share")

    monkeypatch.setattr(module, "touming", broken)
    with pytest.raises(SystemExit) as ended:
        module.main([])
    assert ended.value.code == Exit.UNEXPECTED
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "ZeroDivisionError: nothing to share" in captured.err
    assert "next:" in captured.err


def test_commands_are_those_of_the_group():
    assert touming.list_commands(click.Context(touming)) == list(COMMANDS)
