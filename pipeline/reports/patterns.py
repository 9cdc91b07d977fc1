"""The words and patterns of contract/reading.yml, compiled once.

Belongs here: typed access to that file. Does not belong here: any decision made with them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from pipeline.contract.load import CONTRACT_ROOT, load_yaml
from pipeline.reports.model import CellState


@dataclass(frozen=True, slots=True)
class Patterns:
    """Everything reports/ looks for that is not a label of the form."""

    marks: Mapping[str, CellState]
    zeros_in_words: tuple[str, ...]
    chinese_numeral: re.Pattern[str]
    approximate: re.Pattern[str]
    traditional: Mapping[int, str]
    signs: Mapping[str, str]
    units: tuple[str, ...]
    unit_behind_label: re.Pattern[str]
    year_heading: re.Pattern[str]
    heading_words: re.Pattern[str]
    foreign_headings: re.Pattern[str]
    sum_heading: str
    heading_fillers: re.Pattern[str]
    remark_heading: str
    words_before_label: tuple[str, ...]
    before_first_row: str
    table_scopes: Mapping[str, re.Pattern[str]]
    counted_words: re.Pattern[str]
    page_furniture: re.Pattern[str]
    page_footer: re.Pattern[str]
    titles: tuple[re.Pattern[str], ...]
    not_agency: re.Pattern[str]
    organ_ending: re.Pattern[str]
    title_in_text: re.Pattern[str]
    title_label: re.Pattern[str]
    agency_prefix: re.Pattern[str]
    site_separators: tuple[str, ...]
    title_metadata: tuple[str, ...]
    period: re.Pattern[str]
    published: re.Pattern[str]
    published_metadata: tuple[str, ...]
    publishers: tuple[re.Pattern[str], ...]
    section_count: re.Pattern[str]
    chinese_digits: Mapping[str, int]
    ordinal: re.Pattern[str]
    ordinal_levels: tuple[re.Pattern[str], ...]
    ordinal_before: re.Pattern[str]
    ordinal_of_label: str
    block_caption: str
    unit_before_number: re.Pattern[str]
    number_run: re.Pattern[str]
    trailing_numbers: re.Pattern[str]
    sentence_end: re.Pattern[str]
    not_reports: tuple[tuple[str, re.Pattern[str]], ...]


@cache
def load_patterns() -> Patterns:
    """The compiled patterns; a broken pattern raises re.error at the first use."""
    raw = load_yaml(CONTRACT_ROOT / "reading.yml")
    title, period, published = raw["title"], raw["period"], raw["published"]
    units = {"unit": "|".join(raw["units"])}
    return Patterns(
        marks={mark: CellState(state) for state, marks in raw["marks"].items() for mark in marks},
        zeros_in_words=tuple(raw["zeros_in_words"]),
        chinese_numeral=re.compile(_fill(raw["chinese_numeral"], units)),
        approximate=re.compile(_fill(raw["approximate"], units)),
        traditional=str.maketrans(dict(pair for pair in raw["traditional"].split())),
        signs=raw["signs"],
        units=tuple(raw["units"]),
        unit_behind_label=re.compile(raw["unit_behind_label"]),
        year_heading=re.compile(raw["year_heading"]),
        heading_words=re.compile(raw["heading_words"]),
        foreign_headings=re.compile(raw["foreign_headings"]),
        sum_heading=raw["sum_heading"],
        heading_fillers=re.compile(raw["heading_fillers"]),
        remark_heading=raw["remark_heading"],
        words_before_label=tuple(raw["words_before_label"]),
        before_first_row=raw["before_first_row"],
        table_scopes={scope: re.compile(pattern) for scope, pattern in raw["table_scopes"].items()},
        counted_words=re.compile(raw["counted_words"]),
        page_furniture=re.compile(raw["page_furniture"]),
        page_footer=re.compile(raw["page_footer"]),
        titles=tuple(re.compile(_fill(p, title["parts"])) for p in title["patterns"]),
        not_agency=re.compile(title["not_agency"]),
        organ_ending=re.compile(title["organ_ending"]),
        title_in_text=re.compile(title["in_text"]),
        title_label=re.compile(title["label_prefix"]),
        agency_prefix=re.compile(title["agency_prefix"]),
        site_separators=tuple(title["site_separators"]),
        title_metadata=tuple(raw["title_metadata_names"]),
        period=re.compile(period["pattern"]),
        published=re.compile(published["pattern"]),
        published_metadata=tuple(published["metadata_names"]),
        publishers=tuple(re.compile(p) for p in raw["publishers"]),
        section_count=re.compile(raw["section_count"]),
        chinese_digits=raw["chinese_digits"],
        ordinal=re.compile(raw["ordinal"]),
        ordinal_levels=tuple(re.compile(p) for p in raw["ordinal_levels"]),
        ordinal_before=re.compile(raw["ordinal_before"]),
        ordinal_of_label=raw["ordinal_of_label"],
        block_caption=raw["block_caption"],
        unit_before_number=re.compile(raw["unit_before_number"]),
        number_run=re.compile(raw["number_run"]),
        trailing_numbers=re.compile(raw["trailing_numbers"]),
        sentence_end=re.compile(raw["sentence_end"]),
        not_reports=tuple((r["code"], re.compile(r["pattern"])) for r in raw["not_reports"]),
    )


def _fill(pattern: str, parts: Mapping[str, str]) -> str:
    """The pattern with {name} replaced by the part of that name; braces that count repetitions stay."""
    return re.sub(r"\{([a-z]+)\}", lambda match: parts[match[1]], pattern)
