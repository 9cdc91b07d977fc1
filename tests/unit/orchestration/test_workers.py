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


def keep_all(results):
    """Runs in a worker: what it packs is what it found."""
    return tuple(results)


def refuse_much(results):
    """Runs in a worker: packing the results of more than two tasks, or of a deadly one, ends it."""
    if len(results) > 2 or "deadly" in results:
        faulthandler.disable()
        os.abort()
    return tuple(results)


def give_back(argument):
    return argument


def tell_process(argument):
    if argument == "die":
        faulthandler.disable()  # in a fork of pytest it would print a page
        os.abort()
    return os.getpid()


def raise_error(argument):
    raise KeyError("a person's name")


def test_one_process_answers_many_and_the_next_takes_over_after_a_death():
    with Worker(tell_process, keep_all) as worker:
        ((first, second),) = worker.run([("a", SOME), ("b", SOME)])
        assert first == second != os.getpid()
        died, others = worker.run([(a, SOME) for a in ("a", "b", "die", "c", "d")])
        assert isinstance(died, Died)
        assert died.argument == "die"
        # What was done before it is done again: the process that knew of it is gone
        assert len(others) == 4
        assert first not in others
        assert list(worker.run([("e", SOME)])) == [others[:1]]


def test_each_deadly_task_is_named_and_the_others_are_done():
    with Worker(tell_process, keep_all) as worker:
        *died, others = worker.run([(a, SOME) for a in ("die", "a", "die", "die", "b")])
        assert [one.argument for one in died] == ["die", "die", "die"]
        assert len(others) == 2
        assert [type(one) for one in worker.run([("die", SOME), ("die", SOME)])] == [Died, Died]
        assert list(worker.run([])) == []


def test_death_while_packing_names_all_and_one_alone_is_to_blame():
    with Worker(give_back, refuse_much) as worker:
        died = list(worker.run([(a, SOME) for a in ("a", "b", "deadly")]))
        assert [one.argument for one in died if isinstance(one, Died)] == ["a", "b", "deadly"]
        assert list(worker.run([("a", SOME), ("b", SOME)])) == [("a", "b")]
        (alone,) = worker.run([("deadly", SOME)])
        assert "SIGABRT" in alone.issue.message


def test_processes_are_replaced_after_their_share():
    share = workers.DOCUMENTS_PER_PROCESS
    with Worker(tell_process, keep_all) as worker:
        (found,) = worker.run([("a", SOME)] * (share - 1))
        ((last,),) = worker.run([("a", SOME)])
        ((next_process,),) = worker.run([("a", SOME)])
    assert {*found, last} == {last}
    assert next_process != last


def test_exception_in_a_worker_is_its_end(capfd):
    with Worker(raise_error, keep_all) as worker:
        (answer,) = worker.run([("a", SOME)])
    assert isinstance(answer, Died)
    assert "status 1" in answer.issue.message
    assert "person" not in capfd.readouterr().err


def test_worker_that_cannot_start_blames_no_document(capfd):
    with pytest.raises(WorkerStartError), Worker(NotThere(), keep_all) as worker:
        list(worker.run([("a", SOME)]))


def test_fork_of_this_process_comes_back_or_dies():
    assert run_apart(tell_process, "a", SOME) != os.getpid()
    died = run_apart(tell_process, "die", SOME)
    assert isinstance(died, Died)
    assert "SIGABRT" in died.issue.message
    assert isinstance(run_apart(raise_error, "a", SOME), Died)
