"""What each agency published for a year, with its truth: one report, and now and then something else or something more.

Belongs here: drawing format and fault of each slot (an agency and year), and the documents that come of it. Does not
belong here: layouts, damage, files (write.py).
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bench.corpus import blank_columns
from bench.model import SimulatedReport, list_values
from bench.mutate import MERGED_ROW, mutate_report
from bench.nation.agencies import Agency, draw_agencies, load_nation
from bench.nation.pages import draw_wrong_page, dress_page, fit_page, list_layouts, print_page
from bench.nation.scans import explain_missing_fonts, scan_report
from bench.producers import explain_absence, find_producer, produce_files
from bench.render_docx import VARIANTS, render_docx
from bench.render_pdf import render_pdf
from bench.simulate import break_row_total, simulate_agency_year
from bench.wording import merge_rows

LAST_YEAR = 2025
# The years of the form in force
MOST_YEARS = 5
OFFICE_FORMATS = ("doc", "wps")
_SUFFIXES = {"pdf": "pdf", "scan": "pdf", "docx": "docx", "doc": "doc", "wps": "wps"}
_TABLES = ("proactive", "requests", "disputes")
_CONTRADICTED = ("new_received", "granted", "total_disposed")
# What a later version of a report says otherwise; no sum of the form takes part
_REVISED_CELL = "proactive.licensing.decisions"


@dataclass(frozen=True, slots=True)
class Nation:
    """Which documents: so many reports of each of the last years. years counts back from LAST_YEAR."""

    reports_per_year: int
    years: int
    seed: int

    def __post_init__(self) -> None:
        most = len(draw_agencies(self.seed))
        if self.reports_per_year > most:
            raise ValueError(f"the nation has {most} agencies, {self.reports_per_year} reports a year asked for")
        if not 1 <= self.years <= MOST_YEARS:
            raise ValueError(f"{self.years} years asked for: 1 to {MOST_YEARS} are of the form in force")

    @property
    def slot_count(self) -> int:
        """Agencies times years; slots are numbered from 0, each agency's years in a row."""
        return self.reports_per_year * self.years


@dataclass(frozen=True, slots=True)
class NationDocument:
    """One document and its truth.

    path: below the folder of documents. fault: a key of faults in nation.yml, '' for none. values: cell code -> decimal
    string, '' for a printed blank or mark; no other number may be read. is_report: whether it is one. is_readable:
    whether every value, the agency and the year can be read.
    """

    path: str
    content: bytes
    format_name: str
    fault: str
    agency: Agency
    report_year: int
    values: Mapping[str, str]
    is_report: bool = True
    is_readable: bool = True


@dataclass(frozen=True, slots=True)
class _Draft:
    """A document before a word processor has made the file of it, and the part of the file that arrives."""

    document: NationDocument
    arriving: float = 1.0


def list_skipped_formats() -> dict[str, str]:
    """The formats that cannot be made here, and why; their documents are left out and all others are the same."""
    reasons = dict.fromkeys(OFFICE_FORMATS, "" if find_producer("soffice") else explain_absence("soffice"))
    reasons["scan"] = explain_missing_fonts()
    return {name: reason for name, reason in reasons.items() if reason}


def build_documents(nation: Nation, slots: Sequence[int], *, is_revised: bool = False) -> list[NationDocument]:
    """The documents of these slots in order; is_revised: their reports as changed later, at the same paths.

    What a slot comes to depends on its number, the seed and the years alone.
    """
    skipped = list_skipped_formats()
    drafts = [draft for slot in slots for draft in _draw_slot(nation, slot, is_revised=is_revised)]
    drafts = [draft for draft in drafts if draft.document.format_name not in skipped]
    waiting = {
        str(number): draft.document.content
        for number, draft in enumerate(drafts)
        if draft.document.format_name in OFFICE_FORMATS
    }
    made = produce_files("soffice", waiting, "docx", "doc") if waiting else {}
    documents = []
    for number, draft in enumerate(drafts):
        content = made.get(str(number)) if str(number) in waiting else draft.document.content
        if content is not None:  # a file that the word processor failed on is left out
            documents.append(replace(draft.document, content=content[: round(len(content) * draft.arriving)]))
    return documents


def draw_kind(nation: Nation, slot: int) -> tuple[str, str]:
    """Format and fault of a slot, as drawn; a fault that the format cannot have comes to nothing."""
    rng = random.Random(f"{nation.seed}/{slot}/kind")
    return _draw_share(load_nation(), "formats", rng), _draw_share(load_nation(), "faults", rng)


def find_agency(nation: Nation, slot: int) -> tuple[Agency, int]:
    """Whose slot it is, and of which report year."""
    number, year = divmod(slot, nation.years)
    return draw_agencies(nation.seed)[number], LAST_YEAR - nation.years + 1 + year


def _draw_share(nation: Mapping[str, object], kind: str, rng: random.Random) -> str:
    shares, whole = nation[kind], nation[f"{kind}_in"]
    assert isinstance(shares, dict)
    assert isinstance(whole, int)
    drawn = rng.randrange(whole)
    for name, share in shares.items():
        if drawn < share:
            return str(name)
        drawn -= share
    return ""


def _draw_slot(nation: Nation, slot: int, *, is_revised: bool) -> Iterator[_Draft]:
    agency, year = find_agency(nation, slot)
    format_name, fault = draw_kind(nation, slot)
    rng = random.Random(f"{nation.seed}/{slot}/drawing")
    path = f"{slot // 1000:04}/{slot:07}-{year}"
    if fault == "wrong_page":
        page = draw_wrong_page(agency, year, rng)
        yield _Draft(NationDocument(f"{path}.html", page, "page", fault, agency, year, {}, is_report=False))
        return
    report = simulate_agency_year(agency.printed_name, year, nation.seed, agency.full_name)
    report = _revise(report) if is_revised else report
    printed = _depart(report, format_name, fault, rng)
    draft = _draw_report(printed, agency, format_name, path, rng)
    if fault == "damaged":
        draft = _damage(draft, printed, rng)
    if fault == "truncated":
        draft = _Draft(replace(draft.document, fault=fault, is_readable=False), rng.uniform(0.2, 0.95))
    if printed is not report:
        draft = replace(draft, document=replace(draft.document, fault=fault))
    yield draft
    if fault in ("duplicate", "mirror", "revised"):
        yield _draw_second(draft, printed, fault, f"{path}-{fault}", rng)


def _draw_second(first: _Draft, report: SimulatedReport, fault: str, path: str, rng: random.Random) -> _Draft:
    """What is found at a second address beside a report."""
    document = first.document
    if fault == "duplicate":
        suffix = document.path.rpartition(".")[2]
        return replace(first, document=replace(document, path=f"{path}.{suffix}", fault=fault))
    format_name = document.format_name
    if fault == "mirror":
        format_name = "docx" if list_layouts(document.format_name) else "page"
    shown = _revise(report) if fault == "revised" else report
    second = _draw_report(shown, document.agency, format_name, path, rng)
    return replace(second, document=replace(second.document, fault=fault))


def _draw_report(report: SimulatedReport, agency: Agency, format_name: str, path: str, rng: random.Random) -> _Draft:
    layouts = list_layouts(format_name)
    if layouts:
        page = print_page(report, rng.choice(layouts), format_name)
        content = dress_page(page, agency, rng, has_chrome=format_name == "page")
    elif format_name == "pdf":
        content = render_pdf(report)
    elif format_name == "scan":
        # Drawing is dear, and for nothing where it shows no character
        content = b"" if explain_missing_fonts() else scan_report(report, rng)
    else:
        content = render_docx(report, rng.choice(VARIANTS) if format_name == "docx" else "clean", rng)
    suffix = _SUFFIXES.get(format_name, "html")
    values = list_values(report.cells)
    return _Draft(NationDocument(f"{path}.{suffix}", content, format_name, "", agency, report.report_year, values))


def _depart(report: SimulatedReport, format_name: str, fault: str, rng: random.Random) -> SimulatedReport:
    """The report as its agency printed it, another one only where it prints the fault."""
    if fault == "contradictory":
        return break_row_total(report, rng.choice(_CONTRADICTED))
    if fault == "blank_columns":
        return blank_columns(report, "/" if format_name == "text_page" else "")
    if fault == "merged_row":
        return replace(report, cells=merge_rows(report.cells, MERGED_ROW))
    if fault == "missing_table" and format_name != "text_page":
        lost = rng.choice(_TABLES)
        return replace(report, cells={c: v for c, v in report.cells.items() if not c.startswith(f"{lost}.")})
    return report


def _damage(draft: _Draft, report: SimulatedReport, rng: random.Random) -> _Draft:
    """The same page damaged in one way; other formats stay whole."""
    document = draft.document
    layouts = [each for each in list_layouts(document.format_name) if each != "plain"]
    if not layouts:
        return draft
    kinds = [kind for kind in load_nation()["damages"] if kind != "swap_headings" or layouts[0] != "word"]
    kinds = [kind for kind in kinds if kind != "drop_value" or layouts[0] != "word"]
    mutation = mutate_report(report, layouts[0], rng.choice(kinds), rng)
    page = fit_page(mutation.content.decode(), report.title, document.format_name)
    content = dress_page(page, document.agency, rng, has_chrome=document.format_name == "page")
    damaged = replace(document, content=content, values=mutation.values, fault="damaged", is_readable=False)
    return _Draft(damaged)


def _revise(report: SimulatedReport) -> SimulatedReport:
    raised = int(report.cells[_REVISED_CELL]) + 1
    return replace(report, cells={**report.cells, _REVISED_CELL: str(raised)})
