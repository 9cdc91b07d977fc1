"""Narratives that agree with the tables: sentences of sentences.yml filled with the report's own figures.

Belongs here: choosing and filling sentences. Does not belong here: the sentences, the figures.
"""

from __future__ import annotations

import random
from collections.abc import Mapping

from bench.model import parse_printed
from bench.wording import load_sentences


def compose_narrative(
    agency_name: str, report_year: int, cells: Mapping[str, str], rng: random.Random
) -> dict[str, tuple[str, ...]]:
    """Section code -> paragraphs. A sentence that needs a count is left out where the table prints none."""
    raw = load_sentences()
    counts = _list_counts(cells)
    figures = {
        "agency": agency_name,
        "year": report_year,
        "next_year": report_year + 1,
        "posts": rng.randrange(20, 900),
    }
    overview = []
    for part in raw["overview"]:
        overview.append(part["heading"])
        if "any" in part:
            overview.append(rng.choice(part["any"]))
        else:
            overview += _choose_by_count(
                part, [counts[k] for k in ("received", "carried_in", "disposed", "carried_out")], rng
            )
            overview += _choose_by_count(raw["disputes"], [counts["reviews"], counts["lawsuits"]], rng)
    paragraphs = {
        "preface": [rng.choice(raw["preface"])],
        "S1": overview,
        "S5": [rng.choice(raw["problems"])],
        "S6": [rng.choice(raw["other"])],
    }
    return {code: tuple(text.format(**figures, **counts) for text in texts) for code, texts in paragraphs.items()}


def _choose_by_count(variants: Mapping[str, list[str]], counts: list[int | None], rng: random.Random) -> list[str]:
    if None in counts:
        return []
    return [rng.choice(variants["some" if any(counts) else "none"])]


def _list_counts(cells: Mapping[str, str]) -> dict[str, int | None]:
    direct, after = (_count(cells, f"disputes.{row}.total") for row in ("lit_direct", "lit_after_review"))
    return {
        "received": _count(cells, "requests.new_received.total"),
        "carried_in": _count(cells, "requests.carried_in.total"),
        "disposed": _count(cells, "requests.total_disposed.total"),
        "carried_out": _count(cells, "requests.carried_out.total"),
        "reviews": _count(cells, "disputes.review.total"),
        "lawsuits": None if direct is None or after is None else direct + after,
    }


def _count(cells: Mapping[str, str], code: str) -> int | None:
    value = parse_printed(cells.get(code, ""))
    return None if value is None else int(value)
