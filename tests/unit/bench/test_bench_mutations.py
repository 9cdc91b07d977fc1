"""Mutations do to a document what they say, and say what may still be read from it."""

from __future__ import annotations

import random

import pytest

from bench.layouts import LAYOUTS
from bench.model import list_values
from bench.mutate import LAYOUTS_OF, MUTATIONS, mutate_report
from bench.simulate import simulate_report

REPORT = simulate_report(1, 21)
TRUTH = list_values(REPORT.cells)
CASES = [(kind, layout) for kind in MUTATIONS for layout in LAYOUTS_OF.get(kind, tuple(LAYOUTS))]


def mutate(kind: str, layout: str = "plain", seed: int = 0):
    return mutate_report(REPORT, layout, kind, random.Random(seed))


@pytest.mark.parametrize(("kind", "layout"), CASES)
def test_a_mutation_changes_the_document_and_never_adds_to_its_truth(kind, layout):
    mutation = mutate(kind, layout)
    assert mutation.content != LAYOUTS[layout](REPORT).content
    assert mutation.values.keys() <= TRUTH.keys() or kind == "merge_other_rows"
    changed = [code for code, value in mutation.values.items() if value not in ("", TRUTH.get(code, value))]
    assert changed == [] or kind == "swap_headings"


@pytest.mark.parametrize(("kind", "layout"), CASES)
def test_a_mutation_is_repeatable(kind, layout):
    assert mutate(kind, layout, 5) == mutate(kind, layout, 5)


@pytest.mark.parametrize("kind", ["drop_row", "drop_value", "add_value", "repeat_row_differently"])
def test_exactly_one_row_becomes_unreadable(kind):
    lost = TRUTH.keys() - mutate(kind).values.keys()
    assert lost
    assert len({code.rpartition(".")[0] for code in lost}) in (1, 3)  # table 4 is one row of three channels


def test_a_dropped_row_takes_its_numbers_with_it():
    whole, cut = LAYOUTS["plain"](REPORT).content.decode().split(), mutate("drop_row").content.decode().split()
    assert len(whole) - len(cut) >= len(TRUTH) - len(mutate("drop_row").values)


def test_nothing_after_a_cut_may_be_read():
    mutation = mutate("cut_off", "tabs", 3)
    text = LAYOUTS["tabs"](REPORT).content
    assert text.startswith(mutation.content)
    assert not any(code.startswith("disputes.") for code in mutation.values) or b"\t0\t0" in mutation.content[-40:]


def test_merged_rows_leave_the_three_rows_unread():
    lost = TRUTH.keys() - mutate("merge_other_rows", "page").values.keys()
    assert len(lost) == 21
    assert all(".other_" in code for code in lost)


def test_numbers_that_run_together_keep_their_truth_without_promising_that_it_is_found():
    mutations = [mutate("glue_values", "plain", seed) for seed in range(30)]
    assert {len(m.values) for m in mutations} == {len(TRUTH)}
    assert not any(m.readable for m in mutations)


def test_swapped_headings_give_each_number_to_the_other_column():
    mutations = [mutate("swap_headings", "page", seed) for seed in range(10)]
    proactive = next(
        m for m in mutations if m.values["proactive.normative_docs.issued"] != TRUTH["proactive.normative_docs.issued"]
    )
    assert proactive.values["proactive.normative_docs.issued"] == TRUTH["proactive.normative_docs.in_force"]
    assert "<td>现行有效件数</td><td>本年废止件数</td><td>本年制发件数</td>" in proactive.content.decode()


def test_a_blanked_cell_has_no_number():
    assert list(mutate("blank_value", "page").values.values()).count("") == 1


def test_a_mutation_of_another_layout_is_refused():
    with pytest.raises(ValueError, match="does not apply to layout 'page'"):
        mutate("glue_values", "page")
