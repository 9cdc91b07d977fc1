"""The agencies of one partition: whose each report is, and what follows from it, as frames of the contract.

Belongs here: core.agency, core.agency_candidate, core.agency_lineage, and the columns of core.report that name the
agency. Does not belong here: deciding it (agencies/), files, and years together (the build).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from pipeline.agencies.evidence import ORIGIN
from pipeline.agencies.identity import Identity, identify_agency, list_predecessors, name_agency
from pipeline.agencies.model import Method, OrganMatch
from pipeline.agencies.scope import SCOPE, Scope, decide_scope
from pipeline.agencies.weighing import load_resolver
from pipeline.contract.frames import make_frame, polars_schema
from pipeline.facts.whose import identify_organ

# The columns of core.report that come from here
REPORT_COLUMNS: Mapping[str, object] = {
    "agency_id": "",
    "identity_method_code": str(Method.NONE),
    "identity_confidence_code": "unknown",
    "scope_code": None,
    "scope_evidence_text": None,
}

Row = Mapping[str, object]
# A row of core.agency that can be counted
_AgencyItems = tuple[tuple[str, object], ...]


@dataclass(frozen=True, slots=True)
class ReportIdentity:
    """Whose one report is and what it covers."""

    report_id: str
    printed_name: str
    report_year: int | None
    match: OrganMatch
    scope: Scope | None


def identify_reports(
    reports: pl.DataFrame, evidence: pl.DataFrame, whence: Mapping[str, Mapping[str, str]]
) -> Iterator[ReportIdentity]:
    """The identity of each row of core.report, in order.

    evidence: their rows of core.report_evidence. whence: evidence of where each was captured, by document and kind.
    """
    texts: dict[str, dict[str, str]] = defaultdict(dict)
    for report_id, kind, text in evidence.iter_rows():
        texts[report_id][kind] = text
    wanted = ("report_id", "agency_name_text", "report_year", "title_text")
    for report_id, name, year, title in reports.select(wanted).iter_rows():
        found = {**texts.get(report_id, {}), **whence.get(report_id, {})}
        match = identify_organ(name, year, report_id, found, found.get(ORIGIN, ""))
        words = found.get(SCOPE, "")
        scope = decide_scope(match.organ_kind_code, match.is_place_alone, name or "", title or "", words)
        yield ReportIdentity(report_id, name or "", year, match, scope)


def report_columns_frame(identities: Iterable[ReportIdentity]) -> pl.DataFrame:
    """report_id and REPORT_COLUMNS of each report."""
    schema = {name: polars_schema("core.report")[name] for name in ("report_id", *REPORT_COLUMNS)}
    rows = [
        (
            one.report_id,
            one.match.agency_id,
            str(one.match.method),
            str(one.match.confidence),
            one.scope.code if one.scope else None,
            one.scope.evidence if one.scope else None,
        )
        for one in identities
    ]
    return pl.DataFrame(rows, schema=schema, orient="row")


def agency_frames(identities: Iterable[ReportIdentity]) -> dict[str, pl.DataFrame]:
    """core.agency with its names, candidates and lineage: the tables that merging makes of these reports, by key."""
    variants: dict[str, Counter[_AgencyItems]] = defaultdict(Counter)
    years: dict[str, list[int | None]] = defaultdict(list)
    known: dict[str, Identity] = {}
    names: dict[tuple[str, str], list[int | None]] = defaultdict(list)
    candidates: list[Row] = []
    for one in identities:
        agency_id = one.match.agency_id
        variants[agency_id][tuple(_agency_row(one.match).items())] += 1
        years[agency_id].append(one.report_year)
        if one.printed_name:
            names[agency_id, one.printed_name].append(one.report_year)
        if one.match.identity:
            known.setdefault(agency_id, one.match.identity)
        candidates += _candidate_rows(one)
    agencies = [
        dict(_commonest(rows)) | _year_columns(years[agency_id]) for agency_id, rows in sorted(variants.items())
    ]
    lineage = [row for agency_id, identity in sorted(known.items()) for row in _lineage_rows(agency_id, identity)]
    printed = [
        {"agency_id": agency_id, "agency_name_text": name, "report_count": len(of_name)} | _year_columns(of_name)
        for (agency_id, name), of_name in sorted(names.items())
    ]
    return {
        "core.agency": make_frame("core.agency", agencies),
        "core.agency_name": make_frame("core.agency_name", printed),
        "core.agency_candidate": make_frame("core.agency_candidate", candidates).sort(
            "report_id", "candidate_agency_id"
        ),
        "core.agency_lineage": make_frame("core.agency_lineage", lineage).sort(
            "agency_id", "predecessor_agency_id", "change_year"
        ),
    }


def _agency_row(match: OrganMatch) -> dict[str, object]:
    is_known = match.agency_id in load_resolver().registry.by_id
    basis = "registry" if is_known else "derived" if match.is_settled else "provisional"
    return {
        "agency_id": match.agency_id,
        "agency_name": match.agency_name,
        "identity_basis_code": basis,
        "organ_kind_code": match.organ_kind_code,
        "department_code": match.department_code,
        "region_code": match.region_code,
        "region_path_text": match.region_path_text,
        "division_level": match.division_level,
    }


def _commonest(rows: Counter[_AgencyItems]) -> _AgencyItems:
    """The commonest row; among equals the first by its text, so that the order of reports does not matter."""
    return min(rows, key=lambda row: (-rows[row], repr(row)))


def _year_columns(years: Iterable[int | None]) -> dict[str, object]:
    known = [year for year in years if year is not None]
    return {"first_report_year": min(known, default=None), "last_report_year": max(known, default=None)}


def _candidate_rows(one: ReportIdentity) -> list[Row]:
    distinct = {c.agency_id: c for c in one.match.candidates}
    return [
        {
            "report_id": one.report_id,
            "candidate_agency_id": c.agency_id,
            "candidate_name": c.agency_name,
            "region_code": c.region_code,
            "region_path_text": c.region_path_text,
        }
        for c in distinct.values()
    ]


def _lineage_rows(agency_id: str, identity: Identity) -> Iterator[Row]:
    places = load_resolver().places
    for before in list_predecessors(identity, places):
        yield {
            "agency_id": agency_id,
            "predecessor_agency_id": identify_agency(before.identity, places),
            "predecessor_name": name_agency(before.identity, "", places),
            "lineage_kind_code": before.kind,
            "lineage_basis_code": before.basis,
            "change_year": before.year,
        }
