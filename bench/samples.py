"""The bundled samples: which documents data/raw/samples/ holds, and why each is there.

Belongs here: the choice of reports, layouts and damage. Does not belong here: how any of it is made.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bench.corpus import TruthfulDocument
from bench.figures import load_figures
from bench.layouts import LAYOUTS
from bench.model import SimulatedReport, list_values
from bench.simulate import break_row_total, simulate_agency_year
from bench.wording import BENCH_ROOT, load_names, load_sentences

SAMPLE_SEED = 2021
TRUTH_FOLDER = BENCH_ROOT / "truth"
# Real figures: (file name, report, layout, encoding)
FAITHFUL = (
    ("01-huimeng-2022-plain", "huimeng-2022", "plain", "utf-8"),
    ("02-luhun-2022-markdown", "luhun-2022", "markdown", "utf-8"),
    ("03-mengjin-office-2022-plain", "mengjin-office-2022", "plain", "utf-8"),
    ("04-chengguan-2024-tabs", "chengguan-2024", "tabs", "utf-8"),
    ("05-huagong-2023-lines", "huagong-2023", "lines", "utf-8"),
    ("06-luhun-2022-word", "luhun-2022", "word", "utf-8"),
    ("07-shuyang-fgj-2023-word-blank-columns", "shuyang-fgj-2023", "word", "utf-8"),
    ("08-pingtan-2025-page", "pingtan-2025", "page", "utf-8"),
    ("09-hongze-2024-page-merged-row", "hongze-2024", "page", "gb18030"),
    ("10-kewei-2024-page-blank-total", "kewei-2024", "page", "utf-8"),
    ("11-mengjin-office-2022-page", "mengjin-office-2022", "page", "utf-8"),
)


def build_samples() -> Iterator[TruthfulDocument]:
    """Every sample in order; the same on every call."""
    figures = load_figures()
    for name, key, layout, encoding in FAITHFUL:
        yield _lay_out(name, figures[key], layout, encoding)
    corrected = figures["mengjin-office-2022"]
    narrative = {
        **corrected.narrative,
        "S5": (*corrected.narrative["S5"], load_sentences()["correction"]),
    }
    yield _lay_out("12-mengjin-office-2022-page-corrected", replace(corrected, narrative=narrative), "page")
    invented = load_names()["invented"]
    contradictory = break_row_total(simulate_agency_year(invented, 2023, SAMPLE_SEED), "granted")
    yield _lay_out("13-qingshi-2023-page-contradictory", contradictory, "page")
    notice = (BENCH_ROOT / "pages" / "notice.html").read_bytes()
    yield TruthfulDocument("14-notice-about-reports.html", notice, None, {}, "notice_about_reports")
    yield _cut_off("15-qingshi-2024-tabs-cut-off", simulate_agency_year(invented, 2024, SAMPLE_SEED))


def _lay_out(name: str, report: SimulatedReport, layout: str, encoding: str = "utf-8") -> TruthfulDocument:
    rendering = replace(LAYOUTS[layout](report), encoding=encoding)
    return TruthfulDocument(f"{name}.{rendering.suffix}", rendering.content, report, list_values(report.cells))


def _cut_off(name: str, report: SimulatedReport) -> TruthfulDocument:
    """A transfer that broke off inside a row of table 3: the rows before it are whole, the rest was never printed."""
    pieces = LAYOUTS["tabs"](report).pieces
    last = next(i for i, piece in enumerate(pieces) if piece.row == "requests.unprocessed_petition")
    whole = {piece.row for piece in pieces[:last]}
    kept = {code: printed for code, printed in report.cells.items() if code.rpartition(".")[0] in whole}
    text = "".join(piece.text for piece in pieces[:last]) + pieces[last].text.rpartition("\t")[0][:-4]
    return TruthfulDocument(f"{name}.txt", text.encode(), report, list_values(kept), issues=("cut_off",))
