"""Local sites that behave like the families of sites that publish the reports, with their faults.

Belongs here: servers on 127.0.0.0/8, what they publish, and what a crawl should find there. Does not belong here: any
test, and anything of the crawl.
"""

from __future__ import annotations

from tests.sites.content import FAMILIES, list_dialects
from tests.sites.faults import CHALLENGES, MALFORMED, Faults, list_outcomes
from tests.sites.model import Document, SitePlan, Visit
from tests.sites.server import RunningSite, SiteServer, start_site, start_sites

__all__ = [
    "CHALLENGES",
    "FAMILIES",
    "MALFORMED",
    "Document",
    "Faults",
    "RunningSite",
    "SitePlan",
    "SiteServer",
    "Visit",
    "list_dialects",
    "list_outcomes",
    "start_site",
    "start_sites",
]
