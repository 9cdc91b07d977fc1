"""Other versions of DuckDB read what this one wrote: tables, views and macros, each asked in a process of its own.

Folders beside the environment hold those versions (.ci/run puts them there); without one its test skips.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import pytest

from pipeline.contract.macros import load_macros
from pipeline.contract.views import load_views
from pipeline.paths import REPO_ROOT, SQL_ROOT
from pipeline.warehouse.sql_files import read_sql_folder

CLIENTS = {"1.2": "duckdb1", "2.0": "duckdb2"}
ASK = """
import json, sys, duckdb
path, questions = json.load(sys.stdin)
con = duckdb.connect(path, read_only=True)
json.dump([duckdb.__version__, [len(con.execute(question).fetchall()) for question in questions]], sys.stdout)
"""


@pytest.mark.parametrize(("version", "folder"), CLIENTS.items(), ids=CLIENTS)
def test_another_client_reads_all_of_it_the_same(published_once, tmp_path, version, folder) -> None:
    client = REPO_ROOT / ".cache" / folder
    if not client.is_dir():
        pytest.skip(f"no DuckDB {version} in {client}; .ci/run installs it")
    path = tmp_path / "touming.duckdb"
    shutil.copyfile(published_once.path, path)
    places = {
        "place": "'洛阳市'",
        "year": "2022",
        "agency": "'甲县人民政府'",
        "metric": "'report_count'",
        "cell": "'总计'",
    }
    questions = [
        *(
            f"FROM {macro.name}({', '.join(places[p.name] for p in macro.parameters)})"
            for macro in load_macros().values()
        ),
        *(f"FROM {view}" for view in load_views()),
        *(example.sql for example in read_sql_folder(SQL_ROOT / "examples")),
    ]
    counts = {}
    for name, ahead in (("here", []), (version, [str(client)])):
        environment = os.environ | {"PYTHONPATH": os.pathsep.join([*ahead, *(p for p in sys.path if p)])}
        asked = subprocess.run(
            [sys.executable, "-c", ASK],
            input=json.dumps([str(path), questions]),
            capture_output=True,
            text=True,
            env=environment,
            check=False,
        )
        assert asked.returncode == 0, asked.stderr
        used, counts[name] = json.loads(asked.stdout)
    assert used.startswith(f"{version}.")
    assert counts[version] == counts["here"]
    assert sum(counts["here"]) > len(questions)
