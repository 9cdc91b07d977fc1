"""One document from bytes to rows: the composition that the reading asset, `touming report` and the tests share.

Belongs here: calling the rooms in order for one document, and turning whatever breaks into a value. Does not belong
here: knowledge of a format, of the form or of a rule; choosing documents (selection.py); Dagster, Polars and DuckDB,
which would make reading a single file slow to start.
"""

from __future__ import annotations

import re
import traceback
from dataclasses import dataclass, replace
from pathlib import PurePath

from pipeline.documents.read import READER_VERSIONS, DocumentRefused, read_document, reader_version_of
from pipeline.facts.identities import evaluate_rules
from pipeline.facts.model import DocumentRows, Finding
from pipeline.facts.rows import FACTS_VERSION, document_rows, failed_rows
from pipeline.issues import Issue, IssueCode
from pipeline.orchestration.time_limit import DocumentTimeoutError, limit_time
from pipeline.reports.model import Report
from pipeline.reports.read import form_version, identify_year, read_report

UNKNOWN_YEAR = "unknown"
FIRST_YEAR, LAST_YEAR = 2008, 2030
PARTITION_KEYS = (*(str(year) for year in range(FIRST_YEAR, LAST_YEAR + 1)), UNKNOWN_YEAR)

_NOT_ASCII = re.compile(r"[^\x20-\x7e]+")
_MESSAGE_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Reading:
    """One document read: its report (is_report False when it is none), findings, and the failure if reading broke."""

    report: Report
    findings: tuple[Finding, ...] = ()
    failure: Issue | None = None


def reading_version(media_type: str) -> str:
    """Version of everything that decides the rows a document of this type gives: reader, form, rules and masking."""
    return f"{reader_version_of(media_type)}+{form_version()}+{FACTS_VERSION}"


def triage_version() -> str:
    """Version of everything that decides the partition of any document."""
    readers = ",".join(sorted(set(READER_VERSIONS.values())))
    return f"{readers}+{form_version()}"


def read_content(content: bytes, media_type: str) -> Reading:
    """Read one document. Never raises: what cannot be opened or breaks a reader comes back as `failure`."""
    try:
        report = read_report(read_document(content, media_type))
        report = replace(report, reader_version=reading_version(media_type))
        return Reading(report, evaluate_rules(report) if report.is_report else ())
    except DocumentRefused as refused:
        return _failed(refused.issue, media_type)
    except Exception as error:  # whatever a document provokes is its own row, never the end of a batch
        return _failed(Issue(IssueCode.READER_CRASHED, describe_error(error)), media_type)


def read_rows(document_id: str, partition_year: str, content: bytes, media_type: str) -> DocumentRows:
    """The rows of one document, whatever became of reading it. Never raises."""
    reading = read_content(content, media_type)
    if reading.failure is None:
        try:
            return document_rows(document_id, partition_year, reading.report, reading.findings)
        except Exception as error:
            return crashed_rows(document_id, partition_year, media_type, describe_error(error))
    return failed_rows(document_id, partition_year, reading.failure, reading.report.reader_version)


def crashed_rows(document_id: str, partition_year: str, media_type: str, message: str) -> DocumentRows:
    """The rows of a document that no reader came through."""
    issue = Issue(IssueCode.READER_CRASHED, message)
    return failed_rows(document_id, partition_year, issue, reading_version(media_type))


def find_partition(content: bytes, media_type: str) -> str:
    """The partition a document is read in: its report year at first look, 'unknown' when that shows none or breaks."""
    try:
        with limit_time():
            year = identify_year(read_document(content, media_type))
    except (Exception, DocumentTimeoutError):  # reading it will say what is wrong; all that is asked here is where
        return UNKNOWN_YEAR
    return str(year) if year is not None and FIRST_YEAR <= year <= LAST_YEAR else UNKNOWN_YEAR


def describe_error(error: BaseException) -> str:
    """Class, message and place of an error, without any text of the document in it.

    Messages of Python errors quote what they choke on, which may be a person's name; only ASCII is kept.
    """
    message = _NOT_ASCII.sub("…", str(error))[:_MESSAGE_LIMIT]
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "pipeline" in PurePath(f.filename).parts]
    place = f" at {PurePath(frames[-1].filename).name}:{frames[-1].name}" if frames else ""
    return f"{type(error).__name__}{place}: {message}" if message else f"{type(error).__name__}{place}"


def _failed(issue: Issue, media_type: str) -> Reading:
    version = reading_version(media_type)
    return Reading(Report(False, reject_reason=issue.code, issues=(issue,), reader_version=version), failure=issue)
