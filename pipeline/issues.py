"""Issue: one thing that went wrong with one document, as a value that becomes a row.

Belongs here: the record and the closed list of codes. What a code means and what to do about it is data, in
contract/issues.yml, and printed in docs/errors.md. Does not belong here: how an issue is found or shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class IssueCode(StrEnum):
    """Stable codes. A code is never reused for another meaning; contract/issues.yml explains each one."""

    # the document cannot be read at all
    EMPTY_FILE = "empty_file"
    MEDIA_UNSUPPORTED = "media_unsupported"
    TEXT_UNDECODABLE = "text_undecodable"
    LIMIT_EXCEEDED = "limit_exceeded"
    DAMAGED_FILE = "damaged_file"
    NEEDS_OCR = "needs_ocr"
    CONVERTER_MISSING = "converter_missing"
    CONVERSION_FAILED = "conversion_failed"
    BLOB_DAMAGED = "blob_damaged"
    READER_CRASHED = "reader_crashed"
    # it is not a report
    NOT_A_REPORT = "not_a_report"
    REPORT_IN_ATTACHMENT = "report_in_attachment"
    NOTICE_ABOUT_REPORTS = "notice_about_reports"
    PARTIAL_PERIOD = "partial_period"
    INTERPRETATION = "interpretation"
    BLANK_FORM = "blank_form"
    SEVERAL_REPORTS = "several_reports"
    # it is a report, but who, when or which form is in doubt
    AGENCY_UNNAMED = "agency_unnamed"
    YEAR_UNKNOWN = "year_unknown"
    EDITION_UNKNOWN = "edition_unknown"
    EDITION_UNSUPPORTED = "edition_unsupported"
    # parts of it could not be read
    DAMAGED_TEXT = "damaged_text"
    TRACKED_CHANGES = "tracked_changes"
    CUT_OFF = "cut_off"
    TABLE_MISSING = "table_missing"
    HEADER_UNRECOGNISED = "header_unrecognised"
    ROW_MISSING = "row_missing"
    ROW_WIDTH = "row_width"
    ROW_REPEATED = "row_repeated"
    VALUE_ILLEGIBLE = "value_illegible"
    VALUES_UNREAD = "values_unread"
    LABEL_FUZZY = "label_fuzzy"
    LABEL_MISSING = "label_missing"
    OCR_UNCONFIRMED = "ocr_unconfirmed"


@dataclass(frozen=True, slots=True)
class Issue:
    """One issue of one document. `locator` is where in the document (Locator text form), '' when it is the whole."""

    code: IssueCode
    message: str
    locator: str = ""
