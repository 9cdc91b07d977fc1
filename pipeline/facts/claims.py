"""The sentences of claims, fit to be stored.

Belongs here: masking them as their whole section is masked. Does not belong here: finding claims (reports/claims.py) or
judging them (claim_rules.py).
"""

from __future__ import annotations

from pipeline.facts.masking import mask_personal
from pipeline.reports.model import Report


def mask_sentences(report: Report) -> tuple[str, ...]:
    """The sentence of each claim with personal names and contact data covered, length kept.

    A sentence is cut out of its masked section: what tells a name may stand in the sentence before. KeyError for a
    claim of a section that the report does not have, a defect of the reader.
    """
    claimed = {claim.section_code for claim in report.claims}
    masked = {section.code: mask_personal(section.body) for section in report.sections if section.code in claimed}
    return tuple(
        masked[claim.section_code][claim.sentence_start : claim.sentence_start + len(claim.sentence)]
        for claim in report.claims
    )
