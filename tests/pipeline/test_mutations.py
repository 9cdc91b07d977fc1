"""Damaged documents: whatever happens to a document on its way, no number is read wrong and none is invented."""

from __future__ import annotations

import itertools
import random
from decimal import Decimal

import pytest

from bench.layouts import LAYOUTS
from bench.model import list_values
from bench.mutate import LAYOUTS_OF, MUTATIONS, Mutation, mutate_report
from bench.simulate import simulate_report
from pipeline.archive.sniff import sniff_media_type
from pipeline.documents.read import read_document
from pipeline.reports.read import read_report

SEED = 20
ROUNDS = 5
BUSY_REPORTS = [n for n in range(120) if int(simulate_report(n, SEED).cells["requests.new_received.total"]) > 2]
APPLICABLE = [(kind, layout) for kind in MUTATIONS for layout in LAYOUTS_OF.get(kind, tuple(LAYOUTS))]
# Found by longer runs: rows of tab-separated text whose spare tabs can be taken for blank cells
FOUND = [
    ("drop_value", "tabs", 40),
    ("glue_values", "tabs", 16),
    ("glue_values", "markdown", 35),
    ("cut_off", "markdown", 228),
]
CASES = [*((kind, layout, n) for (kind, layout), n in itertools.product(APPLICABLE, range(ROUNDS))), *FOUND]


def read_numbers(content: bytes) -> dict[str, Decimal]:
    report = read_report(read_document(content, sniff_media_type(content)))
    return {cell.code: cell.value for cell in report.cells if cell.value is not None}


def damage(kind: str, layout: str, number: int) -> Mutation:
    rng = random.Random(f"{kind}/{layout}/{number}")
    return mutate_report(simulate_report(rng.choice(BUSY_REPORTS), SEED), layout, kind, rng)


@pytest.mark.parametrize(("kind", "layout", "number"), CASES)
def test_a_damaged_document_gives_no_wrong_number(kind, layout, number):
    mutation = damage(kind, layout, number)
    printed = {code: Decimal(value) for code, value in mutation.values.items() if value}
    found = read_numbers(mutation.content)
    assert {code: (value, printed.get(code)) for code, value in found.items() if value != printed.get(code)} == {}
    if mutation.readable:
        assert printed.keys() - found.keys() == set()


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("number", BUSY_REPORTS[:3])
def test_an_undamaged_document_is_read_whole(layout, number):
    report = simulate_report(number, SEED)
    expected = {code: Decimal(value) for code, value in list_values(report.cells).items()}
    assert read_numbers(LAYOUTS[layout](report).content) == expected
