"""What a report says of who published it and what it covers, as evidence for its identity.

Belongs here: taking that evidence out of a Report, masked like all text that is kept, and handing it to the room that
weighs it. Does not belong here: the weighing (agencies/), or more than one report (stages.py).
"""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.agencies.evidence import OPENING, ORIGIN, PUBLISHER, read_head
from pipeline.agencies.model import OrganEvidence, OrganMatch
from pipeline.agencies.resolve import resolve_organ
from pipeline.agencies.scope import SCOPE, find_scope_words
from pipeline.agencies.weighing import load_resolver
from pipeline.facts.masking import mask_personal
from pipeline.reports.model import Report


def collect_evidence(report: Report) -> dict[str, str]:
    """Evidence by kind, as core.report_evidence keeps it; kinds that are not there are left out."""
    found = {**read_head(report.metadata), PUBLISHER: report.publisher, OPENING: report.opening}
    found[SCOPE] = find_scope_words(report.opening)
    for section in report.sections[:1]:
        found[SCOPE] = found[SCOPE] or find_scope_words(section.body)
    return {kind: mask_personal(text) for kind, text in found.items() if text}


def identify_organ(
    printed_name: str | None, report_year: int | None, document_id: str, texts: Mapping[str, str], origin: str
) -> OrganMatch:
    """The agency of one report. texts: as collect_evidence gives them; origin: the path or address it came from."""
    evidence = OrganEvidence(printed_name or "", document_id, report_year, {**texts, ORIGIN: origin})
    return resolve_organ(evidence, load_resolver())
