from __future__ import annotations

import faulthandler
import os

import pytest

from pipeline.orchestration import workers
from pipeline.orchestration.limits import Limits
from pipeline.orchestration.workers import Died, Worker, WorkerStartError, run_apart

SOME = Limits(5, 1024**3)


class NotThere:
    """Something whose pickle cannot be opened in another process."""

    def __reduce__(self):
        return (exec, ("raise SystemExit(3)",))

    def __call__(self, argument):
        return argument


def tell_process(argument):
    if argument == "die":
        faulthandler.disable()  # in a fork of pytest it would print a page
        os.abort()
    return os.getpid()


def raise_error(argument):
    raise KeyError("a person's name")


def test_one_process_answers_many_and_the_next_takes_over_after_a_death():
    with Worker(tell_process) as worker:
        first, second, died, third, fourth = worker.run([(a, SOME) for a in ("a", "b", "die", "c", "d")])
        assert first == second != os.getpid()
        assert isinstance(died, Died)
        assert died.argument == "die"
        assert third == fourth != first
        assert list(worker.run([("e", SOME)])) == [third]


def test_processes_are_replaced_after_their_share():
    share = workers.DOCUMENTS_PER_PROCESS
    with Worker(tell_process) as worker:
        found = list(worker.run([("a", SOME)] * (share + 1)))
    assert len(set(found[:share])) == 1
    assert found[share] != found[0]


def test_exception_in_a_worker_is_its_end(capfd):
    with Worker(raise_error) as worker:
        (answer,) = worker.run([("a", SOME)])
    assert isinstance(answer, Died)
    assert "status 1" in answer.issue.message
    assert "person" not in capfd.readouterr().err


def test_worker_that_cannot_start_blames_no_document(capfd):
    with pytest.raises(WorkerStartError), Worker(NotThere()) as worker:
        list(worker.run([("a", SOME)]))


def test_fork_of_this_process_comes_back_or_dies():
    assert run_apart(tell_process, "a", SOME) != os.getpid()
    died = run_apart(tell_process, "die", SOME)
    assert isinstance(died, Died)
    assert "SIGABRT" in died.issue.message
    assert isinstance(run_apart(raise_error, "a", SOME), Died)
