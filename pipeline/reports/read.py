"""Reading a Document as a report: the whole story, step by step.

Belongs here: the order of the steps and the decision to refuse. Does not belong here: how any step works.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from operator import attrgetter

from pipeline.contract.claims import CLAIMS_FILE
from pipeline.contract.editions import Edition, load_editions
from pipeline.contract.load import CONTRACT_ROOT, fingerprint
from pipeline.documents.model import Document
from pipeline.issues import Issue, IssueCode
from pipeline.reports.announcement import explain_announcement
from pipeline.reports.claims import read_claims
from pipeline.reports.copies import Choice, choose_copy, quote_captions
from pipeline.reports.flat import unfold
from pipeline.reports.identify import Identity, identify, titles_of
from pipeline.reports.model import CellState, Report, Section
from pipeline.reports.normalise import compact_label, squeeze
from pipeline.reports.patterns import load_patterns
from pipeline.reports.recognised import confirm_cells
from pipeline.reports.tables import TableReading, read_table
from pipeline.reports.vectors import Item, Stream, Vector, read_stream
from pipeline.reports.zones import Zones, find_zones, read_sections

# Raise it with every change to this package that may read a document differently
_READING_VERSION = "10"
_FEWEST_SECTIONS = 3
_FEWEST_ROWS = 3
_TITLES_SEARCHED = 12
_LONGEST_TITLE = 90
# Days; a period that ends a few weeks early is still meant to be the year
_SHORTEST_YEAR = 300


@cache
def form_version() -> str:
    """The version of how the form is read: this package's and that of the contract files it reads by."""
    files = [*(CONTRACT_ROOT / "editions").glob("*.yml"), CONTRACT_ROOT / "reading.yml", CLAIMS_FILE]
    return f"form/{_READING_VERSION}+{fingerprint(files)}"


@dataclass(frozen=True, slots=True)
class _Layout:
    """What a document looks like before its tables are read. form is the edition whose layout it is read by."""

    edition: Edition | None
    form: Edition
    stream: Stream
    zones: Zones
    identity: Identity


def read_report(document: Document) -> Report:
    """The document read as an annual report, or refused with an issue code. Never raises for bad content."""
    layout = _lay_out(document)
    tables = _read_tables(layout) if layout.edition else {}
    last_values = {code: table.last_item for code, table in tables.items()}
    sections = read_sections(layout.stream, layout.zones, last_values)
    reason = _reject_reason(document, layout, tables, sections)
    if reason:
        return _refuse(document, layout.identity, *reason)
    return _report(document, layout, tables, sections)


def _lay_out(document: Document) -> _Layout:
    stream = read_stream(document)
    edition = _find_signature(stream) or _find_own_sections(stream)
    form = edition or load_editions()[0]
    unfolded = unfold(document, form)
    if unfolded is not document:
        stream = read_stream(unfolded)
    zones = find_zones(stream, form)
    first_table = next((i for i, table in enumerate(zones.tables) if table), len(stream.items))
    return _Layout(edition, form, stream, zones, identify(document, stream.items, first_table))


def _find_signature(stream: Stream) -> Edition | None:
    """The edition of which the document prints words that no other has; never from the year."""
    text = "".join(item.compact for item in stream.items)
    editions = load_editions()
    for signatures_of in (attrgetter("signatures"), attrgetter("late_signatures")):
        for edition in editions:
            if any(signature in text for signature in signatures_of(edition)):
                return edition
    return None


def _find_own_sections(stream: Stream) -> Edition | None:
    """The older edition whose headings a report without tables follows; the newest have none of their own."""
    newest, *older = load_editions()
    if _section_codes(stream, newest) & newest.own_sections:
        return None
    for edition in (e for e in older if e.own_sections):
        found = _section_codes(stream, edition)
        if len(found) >= _FEWEST_SECTIONS and found & edition.own_sections:
            return edition
    return None


def _section_codes(stream: Stream, edition: Edition) -> frozenset[str]:
    return frozenset(mark.section for mark in find_zones(stream, edition).headings)


def _read_tables(layout: _Layout) -> dict[str, TableReading]:
    stream, zones = layout.stream, layout.zones
    tables = {}
    for table in layout.form.tables:
        vectors = [v for v in stream.vectors if zones.tables[v.item] == table.code]
        end = _last_row(vectors) if table.layout == "one_row" else len(stream.items)
        items = [i for i in stream.items[: end + 1] if zones.sections[i.index] == table.section]
        is_of_year = not table.heading_lead or _is_headed_by(items, layout.identity.year)
        header = "".join(item.compact for item in items) if is_of_year else ""
        # A table in one row has no labels by which its copies could be told apart
        choice = choose_copy(table, vectors, stream) if table.layout == "labelled_rows" else Choice(vectors)
        zone = [item for item in stream.items if zones.tables[item.index] == table.code]
        reading = read_table(table, layout.form.code, choice.vectors, stream, header, zone)
        tables[table.code] = replace(reading, issues=(*reading.issues, *choice.issues), copies=choice.captions)
    return tables


def _last_row(vectors: Sequence[Vector]) -> int:
    """The item in which the last of the widest rows ends: notes below it may use the words of its headings."""
    return max(vectors, key=lambda vector: (len(vector.values), vector.item)).last_item if vectors else -1


def _is_headed_by(items: Sequence[Item], year: int | None) -> bool:
    """Whether no heading names another year than the report's: numbers of that year would not be the report's."""
    words = (squeeze(word) for item in items for text in item.texts for word in text.split())
    named = {int(match["year"]) for word in words if (match := load_patterns().year_heading.match(word))}
    return year is None or named <= {year}


def _reject_reason(
    document: Document, layout: _Layout, tables: dict[str, TableReading], sections: Sequence[Section]
) -> tuple[IssueCode, str] | None:
    """Why this is not one annual report, None when it is."""
    stream, identity = layout.stream, layout.identity
    numbers = any(cell.value is not None for table in tables.values() for cell in table.cells)
    if tables and identity.year is None and not numbers:
        return IssueCode.BLANK_FORM, "the form is printed without a year and without a single number"
    if sum(table.matched_rows for table in tables.values()) >= _FEWEST_ROWS:
        return _reject_form(document, stream, identity, tables)
    other = _other_kind(document, stream)
    if other:
        return other
    if _is_report_in_words(layout, sections):
        return None
    announced = explain_announcement(document, identity.title)
    if announced:
        return IssueCode.REPORT_IN_ATTACHMENT, announced
    return IssueCode.NOT_A_REPORT, "no table of the form and no report title with its sections was found"


def _is_report_in_words(layout: _Layout, sections: Sequence[Section]) -> bool:
    """Whether title and sections show a report. Words of the form alone occur in guides, rules and news as well."""
    identity = layout.identity
    is_titled = identity.title is not None and identity.title.year is not None
    has_sections = len(sections) >= _FEWEST_SECTIONS
    if is_titled and (layout.edition or has_sections or _is_year(identity)):
        return True
    return bool(layout.edition and identity.year and has_sections)


def _reject_form(
    document: Document, stream: Stream, identity: Identity, tables: dict[str, TableReading]
) -> tuple[IssueCode, str] | None:
    """The form is there: is it one report, for a whole year?"""
    copied = next((table for table in tables.values() if table.copies), None)
    if copied:
        message = f"a table is printed {len(copied.copies)} times, headed {quote_captions(copied.copies)}"
        return IssueCode.SEVERAL_REPORTS, f"{message}: several reports in one document"
    if max(table.repeated_rows for table in tables.values()) * 2 > max(t.matched_rows for t in tables.values()):
        return (
            IssueCode.SEVERAL_REPORTS,
            "most rows of a table are printed more than once: several reports in one document",
        )
    if identity.title is None:
        other = _other_kind(document, stream)
        if other and other[0] is IssueCode.PARTIAL_PERIOD:
            return other
        if identity.period_end and not _is_year(identity):
            message = f"no title says that it is annual; its period is {identity.period_start} to {identity.period_end}"
            return IssueCode.PARTIAL_PERIOD, message
    return None


def _is_year(identity: Identity) -> bool:
    """Whether a period is stated, and long enough for a year."""
    start, end = identity.period_start, identity.period_end
    return start is not None and end is not None and (end - start).days >= _SHORTEST_YEAR


def _other_kind(document: Document, stream: Stream) -> tuple[IssueCode, str] | None:
    """What the page is instead, judged by its titles and first lines."""
    patterns = load_patterns()
    texts = islice(titles_of(document.metadata, stream.items[:_TITLES_SEARCHED]), _TITLES_SEARCHED)
    squeezed = [squeeze(text) for text in texts]
    titles = [t for t in squeezed if len(t) <= _LONGEST_TITLE and not patterns.sentence_end.search(t)]
    for code, pattern in patterns.not_reports:
        hit = next((t for t in titles if pattern.search(t)), None)
        if hit:
            return IssueCode(code), f"the title reads {hit[:60]!r}"
    return None


def _refuse(document: Document, identity: Identity, code: IssueCode, message: str) -> Report:
    title = identity.title
    return Report(
        is_report=False,
        reject_reason=code.value,
        title=title.text if title else "",
        agency_name=title.agency if title else "",
        report_year=identity.year,
        issues=(*document.issues, Issue(code, message)),
        reader=document.reader,
        reader_version=f"{document.reader_version}+{form_version()}",
        metadata=document.metadata,
        links=document.links,
    )


def _report(
    document: Document, layout: _Layout, tables: dict[str, TableReading], sections: tuple[Section, ...]
) -> Report:
    identity, edition = layout.identity, layout.edition
    title = identity.title
    agency = title.agency if title else ""
    issues = [*document.issues, *_identity_issues(identity, edition), *_unsupported_table(layout)]
    issues.extend(issue for table in tables.values() for issue in table.issues)
    issues.extend(_broken_off(layout, tables, issues))
    cells = tuple(cell for table in tables.values() for cell in table.cells)
    if document.is_recognised and edition:
        cells, confirmed_issues = confirm_cells(edition, cells, issues)
        issues = [*confirmed_issues]
    return Report(
        is_report=True,
        title=title.text if title else "",
        agency_name=agency,
        report_year=identity.year,
        title_year=title.year if title else None,
        period_start=identity.period_start,
        period_end=identity.period_end,
        published=identity.published,
        edition=edition.code if edition else "",
        cells=cells,
        sections=sections,
        # A digit recognised wrongly in a sentence has no sum to show it
        claims=() if document.is_recognised else read_claims(sections, identity.year, agency),
        claimed_section_count=identity.section_count,
        publisher=identity.publisher,
        opening=identity.opening,
        printed_number_count=sum(table.printed_numbers for table in tables.values()) if tables else None,
        read_number_count=sum(table.read_numbers for table in tables.values()) if tables else None,
        issues=tuple(issues),
        reader=document.reader,
        reader_version=f"{document.reader_version}+{form_version()}",
        metadata=document.metadata,
        links=document.links,
    )


def _identity_issues(identity: Identity, edition: Edition | None) -> list[Issue]:
    issues = []
    if identity.title is None or not identity.title.agency:
        issues.append(Issue(IssueCode.AGENCY_UNNAMED, "no title names the agency"))
    if identity.year is None:
        issues.append(Issue(IssueCode.YEAR_UNKNOWN, "neither a title nor a stated period gives the report year"))
    if edition is None:
        issues.append(Issue(IssueCode.EDITION_UNKNOWN, "no table of any known edition of the form is printed"))
    return issues


def _unsupported_table(layout: _Layout) -> list[Issue]:
    """The issue of a table whose rows are known, and known to be no edition's own."""
    if layout.edition is None or layout.edition.tables:
        return []
    for vector in layout.stream.vectors:
        label = compact_label(vector.label)
        if vector.values and any(signature in label for signature in layout.edition.signatures):
            message = f"a table that only some regions used is printed ({vector.label[-30:]!r}); it was left alone"
            return [Issue(IssueCode.EDITION_UNSUPPORTED, message, str(vector.tokens[0].locator))]
    return []


def _broken_off(layout: _Layout, tables: dict[str, TableReading], known: Sequence[Issue]) -> list[Issue]:
    """The issue of a document whose last line stands in a table that is not complete."""
    code = layout.zones.tables[-1] if layout.zones.tables else ""
    if code not in tables or any(issue.code is IssueCode.CUT_OFF for issue in known):
        return []
    if all(cell.state not in (CellState.ABSENT, CellState.AMBIGUOUS) for cell in tables[code].cells):
        return []
    message = f"the document ends inside the table {code}, which is not complete; what should follow is missing too"
    return [Issue(IssueCode.CUT_OFF, message, str(layout.stream.items[-1].locator))]
