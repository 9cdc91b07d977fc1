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

from pipeline.contract.attachments import load_attachment_words
from pipeline.contract.editions import load_editions
from pipeline.contract.identities import rules_of
from pipeline.contract.schema import load_tables
from pipeline.documents.read import DocumentRefused, read_document, reader_version_of
from pipeline.facts.identities import evaluate_rules
from pipeline.facts.masking import load_vocabulary
from pipeline.facts.model import DocumentRows, Finding
from pipeline.facts.rows import FACTS_VERSION, document_rows, failed_rows
from pipeline.issues import Issue, IssueCode
from pipeline.reports.claims_patterns import load_finders
from pipeline.reports.claims_subject import load_subjects
from pipeline.reports.model import Report
from pipeline.reports.patterns import load_patterns
from pipeline.reports.read import form_version, read_report

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


def load_form() -> None:
    """Load what reading needs of the contract, so that processes forked from this one need not load it again."""
    load_tables()
    load_patterns()
    load_attachment_words()
    load_finders()
    load_subjects()
    load_vocabulary()
    for edition in load_editions():
        rules_of(edition.code)


def read_content(content: bytes, media_type: str, converted: bytes | None = None) -> Reading:
    """Read one document. What cannot be opened or breaks a reader comes back as `failure`.

    converted: what the converter made of an office file before. Raises nothing but MemoryError, after which nothing in
    this process can be relied on: workers.py ends it.
    """
    try:
        report = read_report(read_document(content, media_type, converted))
        report = replace(report, reader_version=reading_version(media_type))
        return Reading(report, evaluate_rules(report) if report.is_report else ())
    except DocumentRefused as refused:
        return fail_reading(refused.issue, media_type)
    except MemoryError:
        raise
    except Exception as error:  # whatever a document provokes is its own row, never the end of a batch
        return fail_reading(Issue(IssueCode.READER_CRASHED, describe_error(error)), media_type)


def fail_reading(issue: Issue, media_type: str) -> Reading:
    """The reading of a document that could not be read, for the reason in the issue."""
    version = reading_version(media_type)
    return Reading(Report(False, reject_reason=issue.code, issues=(issue,), reader_version=version), failure=issue)


def read_rows(
    document_id: str, filed_in: str, content: bytes, media_type: str, converted: bytes | None = None
) -> DocumentRows:
    """The rows of one document, whatever became of reading it. Raises nothing but MemoryError.

    They are those of the partition that the document belongs to by the report year it shows, 'unknown' where it shows
    none. A failed reading says nothing about the year: then the document stays where it is filed.
    """
    reading = read_content(content, media_type, converted)
    if reading.failure is None:
        try:
            partition_year = find_partition(reading.report)
            return document_rows(document_id, partition_year, reading.report, reading.findings)
        except MemoryError:
            raise
        except Exception as error:
            issue = Issue(IssueCode.READER_CRASHED, describe_error(error))
            return failed_rows(document_id, filed_in, issue, reading_version(media_type))
    return failed_rows(document_id, filed_in, reading.failure, reading.report.reader_version)


def find_partition(report: Report) -> str:
    """The partition of a document by what it says, report or not: its report year, 'unknown' for none or a far one."""
    year = report.report_year
    return str(year) if year is not None and FIRST_YEAR <= year <= LAST_YEAR else UNKNOWN_YEAR


def describe_error(error: BaseException) -> str:
    """Class, message and place of an error, without any text of the document in it.

    Messages of Python errors quote what they choke on, which may be a person's name; only ASCII is kept.
    """
    message = _NOT_ASCII.sub("…", str(error))[:_MESSAGE_LIMIT]
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "pipeline" in PurePath(f.filename).parts]
    place = f" at {PurePath(frames[-1].filename).name}:{frames[-1].name}" if frames else ""
    return f"{type(error).__name__}{place}: {message}" if message else f"{type(error).__name__}{place}"
