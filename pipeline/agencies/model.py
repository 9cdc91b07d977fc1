"""Records of this room: what speaks for an organ's identity, and what it came to.

Belongs here: plain values handed to and from resolve_organ. Does not belong here: how anything is decided.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from pipeline.agencies.identity import Identity


class Confidence(StrEnum):
    """How sure an identity is. Only certain and likely name an agency; the other two never do."""

    CERTAIN = "certain"  # printed or stated by the site, without contradiction
    LIKELY = "likely"  # one agency is left, but a step rests on weaker evidence
    AMBIGUOUS = "ambiguous"  # several agencies fit
    UNKNOWN = "unknown"  # none that is known fits


class Method(StrEnum):
    """What settled which agency it is: a person's decision, the name itself, or evidence that left one candidate."""

    CORRECTION = "correction"
    REGISTRY = "registry"
    NAME = "name"
    UNIQUE_NAME = "unique_name"
    SITE_CODE = "site_code"
    SITE_NAME = "site_name"
    SOURCE_NAME = "source_name"
    PUBLISHER = "publisher"
    PAGE_TITLE = "page_title"
    SOURCE_COLUMN = "source_column"
    OPENING = "opening"
    ORIGIN = "origin"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class OrganEvidence:
    """Everything a document says about whose report it is.

    printed_name: from the title, '' where none names an agency. texts: evidence by kind (site_code, site_name,
    source_name, publisher, page_title, source_column, opening, origin), see identity_evidence.yml. document_id keeps
    the nameless apart.
    """

    printed_name: str
    document_id: str
    report_year: int | None = None
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OrganCandidate:
    """One agency that a name may mean."""

    agency_id: str
    agency_name: str
    region_code: str
    region_path_text: str


@dataclass(frozen=True, slots=True)
class OrganMatch:
    """Which agency a document is of.

    With confidence ambiguous or unknown the identity is provisional: only agency_id and the printed name, what the
    words show of the kind, and the candidates. region_code is None for organs of the State Council too.
    """

    agency_id: str
    agency_name: str
    organ_kind_code: str | None
    department_code: str | None
    region_code: str | None
    region_path_text: str | None
    division_level: str | None
    method: Method
    confidence: Confidence
    candidates: tuple[OrganCandidate, ...] = ()
    # The name is that of the place alone (洛阳市2022年…)
    is_place_alone: bool = False
    # What the agency is, for what came before it; None while it is not settled
    identity: Identity | None = None

    @property
    def is_settled(self) -> bool:
        """Whether it names an agency."""
        return self.confidence in (Confidence.CERTAIN, Confidence.LIKELY)
