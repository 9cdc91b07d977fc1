"""Text layouts: what remains of a report once somebody has turned the page or the PDF into text.

Belongs here: four layouts, each a function from report to rendering. Does not belong here: HTML, figures, wording.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator

from bench.model import Piece, Rendering, SimulatedReport
from bench.wording import PrintedRow, list_blocks, list_dispute_values, list_request_rows, load_sentences, load_wording

ORDINAL = re.compile(r"^(\d)\.")


def render_plain(report: SimulatedReport) -> Rendering:
    """One line a row with a blank line after it; a heading before the title; long labels push values down."""
    pieces = [_plain_line(" " + _heading("S1")), _plain_line(report.title)]
    pieces += [_plain_line(line) for text in _overview(report) for line in textwrap.wrap(text, 60)]
    pieces.append(_plain_line(_heading("S2")))
    for block in list_blocks(report):
        pieces.append(_plain_line(block.article))
        pieces.append(
            _plain_line(" ".join((load_wording()["proactive"]["caption"], *block.headers)), "proactive.header")
        )
        pieces += [_plain_line(_spaced(row), row.code) for row in block.rows]
    pieces.append(_plain_line(_heading("S3")))
    pieces.append(Piece(_plain_request_header(), "requests.header"))
    for row in list_request_rows(report):
        pieces += [
            _plain_line(line) for label, _ in row.opens for line in textwrap.wrap(label, 7 if row.depth == 1 else 5)
        ]
        first, *rest = textwrap.wrap(row.label, 29)
        if rest:
            pieces.append(Piece("\n\n".join([first, *rest]) + "\n" + " ".join(row.values) + "\n\n", row.code))
        else:
            pieces.append(_plain_line(_spaced(row), row.code))
    pieces.append(_plain_line(_heading("S4")))
    pieces.append(Piece(_plain_dispute_header(), "disputes.header"))
    pieces.append(_plain_line(" ".join(list_dispute_values(report)), "disputes.values"))
    for section, text in _closing(report):
        pieces += [_plain_line(line) for line in (section, *textwrap.wrap(text, 60))]
    return Rendering(tuple(pieces), "txt")


def render_markdown(report: SimulatedReport) -> Rendering:
    """Headings with #, tables as tab-separated lines with spare tabs, so columns don't line up."""
    pieces = [Piece(f"\n\n# {report.title}\n\n"), *_marked(_heading("S1"), _marked_overview(report))]
    pieces += _marked(_heading("S2"))
    for block in list_blocks(report):
        pieces.append(Piece(block.article + "\t\t\t\n"))
        headers = (load_wording()["proactive"]["caption"], *block.headers)
        pieces.append(Piece(_padded(headers, 4), "proactive.header"))
        for row in block.rows:
            gap = "\n" if row.code == "proactive.penalty" else ""
            pieces.append(Piece(_padded((row.label, *row.values), 4) + gap, row.code))
    pieces += [*_marked(_heading("S3")), *_tabbed_request_header(0)]
    for row in list_request_rows(report):
        gap = "\n" if row.code == "requests.carried_in" else ""
        pieces.append(Piece(_markdown_row(row) + gap, row.code))
    pieces += [*_marked(_heading("S4"), level=4), *_tabbed_disputes(report)]
    for section, text in _closing(report):
        pieces += _marked(section, [text], level=4)
    return Rendering(tuple(pieces), "md")


def render_tabs(report: SimulatedReport) -> Rendering:
    """Tab-separated with two leading label columns, a misprinted header in table 2 and a space after each ordinal."""
    wording = load_wording()["proactive"]
    pieces = [
        Piece(f"\n{report.title}\n\n"),
        *_paragraphs(_heading("S1"), _overview(report)),
        *_paragraphs(_heading("S2")),
    ]
    for block in list_blocks(report):
        headers = [
            wording["repealed_misprint"] if h == wording["blocks"][0]["headers"][1] else h for h in block.headers
        ]
        pieces.append(Piece(block.article + "\t\t\t\n"))
        pieces.append(Piece(_padded((wording["caption"], *headers), 4), "proactive.header"))
        pieces += [Piece(_padded((row.label, *row.values), 4), row.code) for row in block.rows]
    pieces += [*_paragraphs("\n" + _heading("S3")), *_tabbed_request_header(1)]
    pieces += [Piece(_tabs_row(row), row.code) for row in list_request_rows(report)]
    pieces += [*_paragraphs("\n" + _heading("S4")), *_tabbed_disputes(report)]
    for section, text in _closing(report):
        pieces += _paragraphs("\n" + section, [text])
    return Rendering(tuple(pieces), "txt")


def render_lines(report: SimulatedReport) -> Rendering:
    """Lines as a PDF gives them: everything wrapped narrow, one header word a line, a last value on the next line."""
    half = len(report.title) * 4 // 5
    pieces = [Piece(f"\n{report.title[:half]}\n{report.title[half:]}\n\n{_heading('S1')}\n\n")]
    pieces += [Piece(_wrapped(text, 40) + "\n") for text in _overview(report)]
    pieces.append(Piece(f"\n\n{_heading('S2')}\n\n"))
    for block in list_blocks(report):
        pieces.append(Piece(block.article + "\n"))
        headers = (load_wording()["proactive"]["caption"], *block.headers)
        pieces.append(Piece(" ".join(headers) + "\n\n", "proactive.header"))
        pieces += [Piece(_spaced(row) + "\n\n", row.code) for row in block.rows]
    pieces += [Piece(f"\n\n{_heading('S3')}\n\n"), Piece(_lines_request_header(), "requests.header")]
    for row in list_request_rows(report):
        pieces += [Piece(_wrapped(label, 3 if row.depth == 1 else 4) + "\n") for label, _ in row.opens]
        pieces.append(Piece(_lines_row(row), row.code))
    pieces += [Piece(f"\n\n{_heading('S4')}\n\n"), Piece(_lines_dispute_header(), "disputes.header")]
    pieces.append(Piece(" ".join(list_dispute_values(report)) + "\n\n", "disputes.values"))
    for section, text in _closing(report):
        pieces.append(Piece(f"{section}\n\n{_wrapped(text, 40)}\n"))
    return Rendering(tuple(pieces), "txt")


def _heading(section: str) -> str:
    heading: str = load_wording()["sections"][section]
    return heading


def _overview(report: SimulatedReport) -> tuple[str, ...]:
    return (*report.narrative["preface"], *report.narrative["S1"])


def _marked_overview(report: SimulatedReport) -> Iterator[str]:
    headings = {part["heading"] for part in load_sentences()["overview"]}
    for text in _overview(report):
        yield f"### {text}" if text in headings else text


def _closing(report: SimulatedReport) -> Iterator[tuple[str, str]]:
    """Paragraphs after table 4, each with its section's heading."""
    for section in ("S5", "S6"):
        yield _heading(section), "".join(report.narrative[section])


def _plain_line(text: str, row: str = "") -> Piece:
    return Piece(text + "\n\n", row)


def _spaced(row: PrintedRow) -> str:
    return " ".join((row.label, *row.values))


def _wrapped(text: str, width: int) -> str:
    return "".join(line + "\n" for line in textwrap.wrap(text, width))


def _plain_request_header() -> str:
    raw = load_wording()["requests"]
    commercial, research, public, law, other = raw["organisation_kinds"]
    lines = [
        raw["note"],
        raw["applicants"],
        raw["persons"],
        raw["organisations"],
        raw["total"],
        f"{commercial} {research}",
    ]
    return "\n\n".join(lines) + f"\n{public[:4]}\n\n{public[4:]}\n\n{law[:4]}\n\n{law[4:]}\n{other}\n"


def _plain_dispute_header() -> str:
    raw = load_wording()["disputes"]
    outcomes = " ".join(raw["outcomes"])
    rows = [
        f"{raw['review']} {raw['litigation']}",
        outcomes,
        " ".join(raw["litigation_kinds"]),
        f"{outcomes} {outcomes}",
    ]
    return "".join(row + "\n\n" for row in rows)


def _marked(heading: str, paragraphs: Iterable[str] = (), level: int = 2) -> list[Piece]:
    return [Piece(f"\n{'#' * level} {heading}\n\n"), *(Piece(text + "\n\n") for text in paragraphs)]


def _paragraphs(heading: str, paragraphs: Iterable[str] = ()) -> list[Piece]:
    return [Piece(f"{heading}\n\n"), *(Piece(text + "\n\n") for text in paragraphs)]


def _padded(cells: tuple[str, ...], width: int) -> str:
    return "\t".join([*cells, *[""] * (width - len(cells))]) + "\n"


def _tabbed_request_header(lead: int) -> list[Piece]:
    raw = load_wording()["requests"]
    first = [raw["note"], *[""] * lead, raw["applicants"], *[""] * 5, raw["total"]]
    second = ["", *[""] * lead, raw["persons"], raw["organisations"], *[""] * 5]
    third = ["", "", *[""] * lead, *raw["organisation_kinds"], ""]
    return [Piece("\t".join(cells) + "\n", "requests.header") for cells in (first, second, third)]


def _markdown_row(row: PrintedRow) -> str:
    values = "\t".join(row.values)
    label = row.label.replace("（", "(").replace("）", ") ").rstrip()
    if row.code in ("requests.other_misc", "requests.total_disposed", "requests.carried_out"):
        return f"{label}\t\t\t{values}\t\t\n"
    if row.depth == 0:
        return f"{label}\t{values}\n"
    groups = [label.replace("（", "(").replace("）", ") ") for label, _ in row.opens]
    lead = "\t".join([*[""] * (row.depth - len(groups)), *groups])
    return f"{lead}\t{label}\t\t\t\t{values}\t\n"


def _tabs_row(row: PrintedRow) -> str:
    values = "\t".join(row.values)
    label = ORDINAL.sub(r"\1. ", row.label)
    if row.depth == 0 or row.code in ("requests.other_misc", "requests.total_disposed"):
        return f"{label}\t\t{values}\t\n"
    lead = "\t".join([*[""] * (row.depth - len(row.opens)), *(label for label, _ in row.opens)])
    return f"{lead}\t{label}\t{values}\n"


def _tabbed_disputes(report: SimulatedReport) -> list[Piece]:
    raw = load_wording()["disputes"]
    outcomes, blank = raw["outcomes"], [""] * 4
    direct, after = raw["litigation_kinds"]
    lines = [[raw["review"], *blank, raw["litigation"], *blank, *[""] * 5]]
    lines += [[*outcomes, direct, *blank, after, *blank], [*[""] * 5, *outcomes, *outcomes]]
    header = [Piece("\t".join(cells) + "\n", "disputes.header") for cells in lines]
    return [*header, Piece("\t".join(list_dispute_values(report)) + "\n\n", "disputes.values")]


def _lines_request_header() -> str:
    raw = load_wording()["requests"]
    kinds = "\n".join(_wrapped(kind, 2) for kind in raw["organisation_kinds"][1:])
    first = _wrapped(raw["organisation_kinds"][0], 2)
    note, persons = _wrapped(raw["note"], 24), _wrapped(raw["persons"], 2)
    return f"{note}\n{raw['applicants']}\n\n{persons}\n{raw['organisations']}\n\n{raw['total']}{first}\n{kinds}\n"


def _lines_row(row: PrintedRow) -> str:
    label = textwrap.wrap(row.label, 16 if row.depth == 2 else 20)
    if len(label) == 1:
        return _spaced(row) + "\n\n"
    return "\n".join(label) + "\n\n" + " ".join(row.values[:-1]) + "\n" + row.values[-1] + "\n\n"


def _lines_dispute_header() -> str:
    raw = load_wording()["disputes"]
    words = "\n".join(_wrapped(outcome, 2) for outcome in raw["outcomes"])
    kinds = " ".join(raw["litigation_kinds"])
    return f"{raw['review']} {raw['litigation']}\n\n{words}{kinds}\n\n{words}{words}\n"
