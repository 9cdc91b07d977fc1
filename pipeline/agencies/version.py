"""The version of everything that decides whose report a report is, apart from the report itself.

Belongs here: the fingerprint by which a year notices that it has to be merged again. Does not belong here: what is read
out of a document (that is part of the reader's version).
"""

from __future__ import annotations

from functools import cache

from pipeline.agencies.evidence import EVIDENCE_FILE, REPORT_EVIDENCE_FILE
from pipeline.agencies.identity import DEPARTMENT_CHANGES_FILE
from pipeline.agencies.names import ORGAN_KINDS_FILE
from pipeline.agencies.organs import DEPARTMENTS_FILE, VERTICAL_FILE
from pipeline.agencies.registry import AGENCIES_FILE, CORRECTIONS_FILE
from pipeline.contract.divisions import DIVISIONS_FILE, SUFFIXES_FILE
from pipeline.contract.load import fingerprint

# Raise it with every change to this package that may identify a report differently
_IDENTITY_VERSION = "2"
_FILES = (
    *(AGENCIES_FILE, CORRECTIONS_FILE, ORGAN_KINDS_FILE, DEPARTMENTS_FILE, DEPARTMENT_CHANGES_FILE, VERTICAL_FILE),
    *(EVIDENCE_FILE, REPORT_EVIDENCE_FILE, DIVISIONS_FILE, SUFFIXES_FILE),
)


@cache
def identity_version() -> str:
    """This package's version and that of the data it goes by."""
    return f"identity/{_IDENTITY_VERSION}+{fingerprint(_FILES)}"
