"""Whose each report of a partition is, kept from one merge to the next: what did not change is not identified again.

Belongs here: a row for each report with all that merging makes of its identity, and when such a row is still right.
Does not belong here: deciding whose a report is (agencies/), and the tables that follow from all rows together
(agency_frames.py).
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import polars as pl

from pipeline.agencies.evidence import ORIGIN
from pipeline.agencies.identity import Identity, identify_agency, list_predecessors, name_agency
from pipeline.agencies.model import OrganMatch
from pipeline.agencies.scope import SCOPE, decide_scope
from pipeline.agencies.version import identity_version
from pipeline.agencies.weighing import load_resolver
from pipeline.contract.frames import polars_schema
from pipeline.facts.files import encode_frame
from pipeline.facts.whose import identify_organ
from pipeline.whole_files import replace_file

# In a partition's folder. Losing it costs time, nothing else
IDENTITIES_FILE = "identities.parquet"
# What the identity of one report says of its agency; years are what all reports say together
AGENCY_COLUMNS = (
    *("agency_id", "agency_name", "identity_basis_code", "organ_kind_code", "department_code"),
    *("region_code", "region_path_text", "division_level"),
)
# The columns of core.report that come from here
REPORT_COLUMNS = ("agency_id", "identity_method_code", "identity_confidence_code", "scope_code", "scope_evidence_text")

Row = dict[str, object]
Whence = Mapping[str, Mapping[str, str]]


def identities_schema() -> pl.Schema:
    """Columns of a row: what decided it, what it says of its agency and report, its candidates, its agency's lineage.

    inputs: a hash of everything that decides the row. lineage: null where the agency is no organ of a known place.
    """
    report, agency = polars_schema("core.report"), polars_schema("core.agency")
    return pl.Schema(
        {
            **{name: pl.String() for name in ("report_id", "inputs", "printed_name")},
            "report_year": report["report_year"],
            **{name: agency[name] for name in AGENCY_COLUMNS},
            **{name: report[name] for name in REPORT_COLUMNS[1:]},
            "candidates": _list_of("core.agency_candidate", "report_id"),
            "lineage": _list_of("core.agency_lineage", "agency_id"),
        }
    )


def read_identities(folder: Path) -> pl.DataFrame:
    """What the last merge of a partition kept; nothing where there is none, or one of another shape."""
    try:
        kept = pl.read_parquet(folder / IDENTITIES_FILE, hive_partitioning=False)
    except (OSError, pl.exceptions.PolarsError):
        return identities_schema().to_frame()
    return kept if kept.schema == identities_schema() else identities_schema().to_frame()


def keep_identities(folder: Path, identities: pl.DataFrame) -> None:
    """Keep them for the next merge."""
    replace_file(folder / IDENTITIES_FILE, encode_frame(identities))


def identify_reports(reports: pl.DataFrame, evidence: pl.DataFrame, whence: Whence, kept: pl.DataFrame) -> pl.DataFrame:
    """A row of identities_schema for each row of core.report, by report_id.

    evidence: their rows of core.report_evidence. whence: evidence of where each was captured, by document and kind.
    kept: rows of an earlier merge; one whose inputs are as they were is taken as it is.
    """
    known = dict(kept.select("report_id", "inputs").iter_rows())
    same: list[str] = []
    fresh: list[Row] = []
    for report_id, printed, found in _list_printed(reports, evidence, whence):
        inputs = _hash_inputs(printed, found)
        if known.get(report_id) == inputs:
            same.append(report_id)
        else:
            fresh.append({"report_id": report_id, "inputs": inputs, **_identify(report_id, printed, found)})
    schema = identities_schema()
    taken = kept.filter(pl.col("report_id").is_in(pl.Series(same, dtype=pl.String).implode()))
    return pl.concat([taken, pl.DataFrame(fresh, schema=schema)]).sort("report_id")


def join_identities(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """The rows of several slices of documents as those of all, by report_id."""
    return pl.concat([identities_schema().to_frame(), *parts]).sort("report_id")


def _list_printed(
    reports: pl.DataFrame, evidence: pl.DataFrame, whence: Whence
) -> Iterator[tuple[str, tuple[str, int | None, str], dict[str, str]]]:
    """Of each report its id, what it prints of itself (name, year, title), and the evidence by kind."""
    texts: dict[str, dict[str, str]] = defaultdict(dict)
    for report_id, kind, text in evidence.iter_rows():
        texts[report_id][kind] = text
    wanted = ("report_id", "agency_name_text", "report_year", "title_text")
    for report_id, name, year, title in reports.select(wanted).iter_rows():
        found = {**texts.get(report_id, {}), **whence.get(report_id, {})}
        yield report_id, (name or "", year, title or ""), found


def _hash_inputs(printed: tuple[str, int | None, str], found: Mapping[str, str]) -> str:
    decisive = repr((identity_version(), printed, sorted(found.items())))
    return hashlib.sha256(decisive.encode("utf-8", "surrogatepass")).hexdigest()


def _identify(report_id: str, printed: tuple[str, int | None, str], found: Mapping[str, str]) -> Row:
    name, year, title = printed
    match = identify_organ(name, year, report_id, found, found.get(ORIGIN, ""))
    scope = decide_scope(match.organ_kind_code, match.is_place_alone, name, title, found.get(SCOPE, ""))
    return {
        "printed_name": name,
        "report_year": year,
        **_describe_agency(match),
        "identity_method_code": str(match.method),
        "identity_confidence_code": str(match.confidence),
        "scope_code": scope.code if scope else None,
        "scope_evidence_text": scope.evidence if scope else None,
        "candidates": _list_candidates(match),
        "lineage": list(_list_lineage(match.identity)) if match.identity else None,
    }


def _describe_agency(match: OrganMatch) -> Row:
    is_known = match.agency_id in load_resolver().registry.by_id
    basis = "registry" if is_known else "derived" if match.is_settled else "provisional"
    said = {name: getattr(match, name) for name in AGENCY_COLUMNS if name != "identity_basis_code"}
    return {**said, "identity_basis_code": basis}


def _list_candidates(match: OrganMatch) -> list[Row]:
    distinct = {candidate.agency_id: candidate for candidate in match.candidates}
    return [
        {
            "candidate_agency_id": one.agency_id,
            "candidate_name": one.agency_name,
            "region_code": one.region_code,
            "region_path_text": one.region_path_text,
        }
        for one in distinct.values()
    ]


def _list_lineage(identity: Identity) -> Iterator[Row]:
    places = load_resolver().places
    for before in list_predecessors(identity, places):
        yield {
            "predecessor_agency_id": identify_agency(before.identity, places),
            "predecessor_name": name_agency(before.identity, "", places),
            "lineage_kind_code": before.kind,
            "lineage_basis_code": before.basis,
            "change_year": before.year,
        }


def _list_of(table: str, left_out: str) -> pl.List:
    return pl.List(
        pl.Struct([pl.Field(name, type_) for name, type_ in polars_schema(table).items() if name != left_out])
    )
