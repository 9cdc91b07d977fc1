"""What deploy/ ships is what the code needs: units, settings of Dagster, the environment file, the lock."""

from __future__ import annotations

import configparser
import re
import shlex
import shutil
import subprocess
import tomllib
from pathlib import Path

import click
import pytest
import yaml

from pipeline.cli.main import touming
from pipeline.paths import REPO_ROOT

DEPLOY = REPO_ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.*"))
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
CHECKOUT = "/opt/touming"


def read_unit(path: Path) -> configparser.ConfigParser:
    unit = configparser.ConfigParser(interpolation=None, delimiters=("=",), strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(path, encoding="utf-8")
    return unit


def find_port(command: str) -> int:
    words = shlex.split(command)
    return int(words[words.index("--port") + 1])


def command_of(name: str) -> str:
    return read_unit(DEPLOY / "systemd" / name)["Service"]["ExecStart"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_takes_every_unit_without_a_word(tmp_path):
    checkout = tmp_path / "checkout"
    (checkout / ".venv" / "bin").mkdir(parents=True)
    for unit in UNITS:
        text = unit.read_text(encoding="utf-8")
        for program in set(re.findall(rf"{CHECKOUT}(/\.venv/bin/\S+)", text)):
            (checkout / program.lstrip("/")).write_text("#!/bin/sh\n")
            (checkout / program.lstrip("/")).chmod(0o755)
        (tmp_path / unit.name).write_text(text.replace(CHECKOUT, str(checkout)), encoding="utf-8")
    found = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(str(tmp_path / unit.name) for unit in UNITS)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (found.returncode, found.stdout + found.stderr) == (0, "")


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.stem)
def test_services_run_as_nobody_else_and_write_nowhere_else(path):
    service = read_unit(path)["Service"]
    assert (service["User"], service["Group"], service["EnvironmentFile"]) == ("touming", "touming", "/etc/touming.env")
    assert (service["ProtectSystem"], service["NoNewPrivileges"]) == ("strict", "yes")
    assert service["ReadWritePaths"].split()[0] == "/var/lib/touming"


def test_what_serves_comes_back_and_listens_on_the_loopback_address():
    for name in ("touming-code.service", "touming-daemon.service", "touming-webserver.service"):
        assert read_unit(DEPLOY / "systemd" / name)["Service"]["Restart"] == "on-failure"
    for name in ("touming-code.service", "touming-webserver.service"):
        words = shlex.split(command_of(name))
        assert words[words.index("--host") + 1] == "127.0.0.1"


def test_daemon_and_webserver_find_the_code_server():
    (server,) = (entry["grpc_server"] for entry in yaml.safe_load((DEPLOY / "workspace.yaml").read_text())["load_from"])
    assert (server["host"], server["port"]) == ("127.0.0.1", find_port(command_of("touming-code.service")))
    for name in ("touming-daemon.service", "touming-webserver.service"):
        words = shlex.split(command_of(name))
        assert (REPO_ROOT / words[words.index("--workspace") + 1]) == DEPLOY / "workspace.yaml"


def test_production_differs_from_a_laptop_in_storage_alone():
    laptop, production = (yaml.safe_load((folder / "dagster.yaml").read_text()) for folder in (REPO_ROOT, DEPLOY))
    assert production.keys() - laptop.keys() == {"storage"}
    assert {key: production[key] for key in laptop} == laptop
    assert production["run_retries"]["retry_on_asset_or_op_failure"] is False


def test_environment_file_sets_what_the_code_reads():
    text = (DEPLOY / "touming.env").read_text(encoding="utf-8")
    code = "\n".join(path.read_text(encoding="utf-8") for path in (REPO_ROOT / "pipeline").rglob("*.py"))
    names = re.findall(r"^#?([A-Z][A-Z_]+)=", text, re.MULTILINE)
    assert {"TOUMING_DATA", "DAGSTER_HOME", "TOUMING_POSTGRES_URL"} <= set(names)
    assert [name for name in names if f'"{name}"' not in code] == []


def test_commands_of_units_are_commands_of_touming():
    commands = [shlex.split(read_unit(path)["Service"]["ExecStart"]) for path in SERVICES]
    own = [words for words in commands if Path(words[0]).name == "touming"]
    assert own
    for _, name, *arguments in own:
        command = touming.get_command(click.Context(touming), name)
        assert command is not None
        command.make_context(name, list(arguments))


def test_lock_of_the_extra_holds_the_extra_and_fits_the_other_lock():
    extra = tomllib.loads((REPO_ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]["postgres"]
    locked = read_lock("requirements-postgres.lock")
    assert set(locked) == {re.split("[<>=]", requirement)[0] for requirement in extra}
    # Versions of the two go together: 0.29.27 needs 1.13.27
    assert locked["dagster-postgres"].split(".")[-1] == read_lock("requirements.lock")["dagster"].split(".")[-1]


def read_lock(name: str) -> dict[str, str]:
    text = (REPO_ROOT / name).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9-]+)==([^\s;]+)", text, re.MULTILINE))
