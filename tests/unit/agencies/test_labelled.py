"""The labelled set: how many names are resolved, and that no answer given for certain is wrong."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

from pipeline.agencies.model import Confidence

LABELLED = Path(__file__).parent / "labelled.csv"
FEWEST_NAMES = 300


def read_labelled() -> list[dict[str, str]]:
    lines = [line for line in LABELLED.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return list(csv.DictReader(lines))


def test_labelled_names_are_resolved_right(resolve):
    outcomes: Counter[str] = Counter()
    confident_errors = []
    for row in read_labelled():
        texts = dict(pair.split("=", 1) for pair in row["evidence"].split(";") if pair)
        match = resolve(row["printed_name"], int(row["report_year"]), **texts)
        found = (match.region_code or "national", match.organ_kind_code, match.department_code or "")
        wanted = (row["region_code"], row["organ_kind_code"], row["department_code"])
        if not match.is_settled:
            outcomes["left open" if row["region_code"] else "rightly open"] += 1
        elif found == wanted:
            outcomes["right"] += 1
        else:
            outcomes["wrong"] += 1
            if match.confidence is Confidence.CERTAIN:
                confident_errors.append((row["printed_name"], found, wanted))
    assert confident_errors == []
    assert sum(outcomes.values()) >= FEWEST_NAMES
    resolved = outcomes["right"] + outcomes["wrong"]
    assert outcomes["right"] / resolved >= 0.99, outcomes
    # Of the names that can be resolved at all
    assert outcomes["right"] / (outcomes["right"] + outcomes["left open"]) >= 0.99, outcomes


def test_the_set_has_every_kind_and_level():
    rows = read_labelled()
    kinds = {row["organ_kind_code"] for row in rows if row["region_code"]}
    assert kinds >= {
        *("government", "government_office", "department", "township_government", "street_office"),
        *("zone_committee", "vertical_organ", "institution"),
    }
    assert {len(row["region_code"].rstrip("0")) for row in rows} >= {0, 2, 4, 6, 9}
    keys = [(row["printed_name"], row["report_year"], row["evidence"]) for row in rows]
    assert len(set(keys)) == len(keys)
