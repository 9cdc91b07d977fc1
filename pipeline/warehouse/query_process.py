"""One question in a process of its own, which the system ends when it takes too much time or memory.

Belongs here: starting and ending that process, and passing question and answer. Does not belong here: the sandbox
within it (query.py). DuckDB heeds a deadline and its memory limit between steps only: building one list of a thousand
million numbers, or comparing two long texts, took 20 GB and minutes after both had passed.
"""

from __future__ import annotations

import os
import pickle
import resource
import subprocess
import sys
from pathlib import Path

from pipeline.warehouse.query import (
    ROW_LIMIT,
    TIME_LIMIT_SECONDS,
    Params,
    QueryResult,
    out_of_memory,
    run_query,
    timeout_after,
)
from pipeline.warehouse.query_errors import QueryError

# Address space, so more than DuckDB's own limit on what it uses: libraries and threads take 1.5 GB of it unused
MEMORY_LIMIT_BYTES = 4 * 1024**3
# What is handed over is held twice, and nobody reads a table of this size
ANSWER_LIMIT_BYTES = 256 * 1024**2
# After the deadline the query is interrupted; this long it may take to notice
GRACE_SECONDS = 2.0
_START = "from pipeline.warehouse.query_process import answer_one; answer_one()"


def run_query_apart(
    published: Path,
    sql: str,
    params: Params = (),
    row_limit: int = ROW_LIMIT,
    seconds: float = TIME_LIMIT_SECONDS,
) -> QueryResult:
    """The same as run_query, for a question of anybody: time and memory hold whatever the question is."""
    question = pickle.dumps((published, sql, params, row_limit, seconds))
    # The same modules as here, however they were found
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    try:
        ended = subprocess.run(
            [sys.executable, "-c", _START],
            input=question,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            timeout=seconds + GRACE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as expired:
        raise timeout_after(seconds) from expired
    if ended.returncode != 0:
        raise out_of_memory(
            f"The database ended (status {ended.returncode}) before it could answer, as it does when memory runs out."
        )
    answer = pickle.loads(ended.stdout)  # noqa: S301 (written by answer_one below)
    if isinstance(answer, QueryResult):
        return answer
    failure, code, message, next_step = answer
    raise failure(code, message, next_step)


def answer_one() -> None:
    """Read one question from stdin, answer it on stdout; this is all that the process of its own does."""
    # Whatever else writes to stdout would spoil the answer
    out = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    published, sql, params, row_limit, seconds = pickle.load(sys.stdin.buffer)  # noqa: S301 (written above)
    _limit_process(seconds)
    try:
        content = pickle.dumps(run_query(published, sql, params, row_limit, seconds))
        if len(content) > ANSWER_LIMIT_BYTES:
            raise out_of_memory(f"The result has {len(content):,} bytes, more than the {ANSWER_LIMIT_BYTES:,} it may.")
    except QueryError as error:
        content = pickle.dumps((type(error), error.code, error.message, error.next_step))
    with os.fdopen(out, "wb") as stream:
        stream.write(content)


def _limit_process(seconds: float) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT_BYTES, MEMORY_LIMIT_BYTES))
    # Should whoever asked be gone, nobody else would end it; four threads use at most four seconds each second
    cpu_seconds = int(4 * (seconds + GRACE_SECONDS)) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
