"""Rules about a report as a whole: its dates, its edition, its sections.

Belongs here: the named rule kinds that look at no cell. Does not belong here: arithmetic (identities.py).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal

from pipeline.contract.editions import edition_by_code, edition_expected
from pipeline.contract.identities import Rule
from pipeline.facts.model import Finding, Verdict
from pipeline.reports.model import Report


def _evaluate_date_year(rule: Rule, report: Report) -> tuple[Finding, ...]:
    return (_title_against_period(rule, report), _published_after_year(rule, report))


def _title_against_period(rule: Rule, report: Report) -> Finding:
    dates = [date for date in (report.period_start, report.period_end) if date is not None]
    if report.title_year is None or not dates:
        missing = "no year in the title" if report.title_year is None else "no period is stated"
        return _finding(rule, "title_period", Verdict.NOT_ASSESSABLE, missing, report.title_year, None)
    outside = next((date for date in dates if date.year != report.title_year), None)
    period = " to ".join(str(date) for date in dates)
    if outside is None:
        message = f"title says {report.title_year}, the period is {period}"
        return _finding(rule, "title_period", Verdict.PASS, message, report.title_year, dates[0].year)
    message = f"title says {report.title_year}, but the period is {period}"
    return _finding(rule, "title_period", Verdict.FAIL, message, report.title_year, outside.year)


def _published_after_year(rule: Rule, report: Report) -> Finding:
    year, published = report.report_year, report.published
    if year is None or published is None:
        missing = "the report year is unknown" if year is None else "no date of publication is stated"
        published_year = None if published is None else published.year
        return _finding(rule, "published", Verdict.NOT_ASSESSABLE, missing, year, published_year)
    if published > dt.date(year, 12, 31):
        message = f"published {published}, after the report year {year} ended"
        return _finding(rule, "published", Verdict.PASS, message, year, published.year)
    message = f"published {published}, before the report year {year} ended"
    return _finding(rule, "published", Verdict.FAIL, message, year, published.year)


def _evaluate_edition(rule: Rule, report: Report) -> tuple[Finding, ...]:
    expected = None if report.report_year is None else edition_expected(report.report_year)
    if expected is None:
        return (_finding(rule, "", Verdict.NOT_ASSESSABLE, "no form is known for the report year"),)
    if expected.code == report.edition:
        return (_finding(rule, "", Verdict.PASS, f"{report.edition} is in force for {report.report_year}"),)
    message = f"the form is {report.edition}, in force for {report.report_year} is {expected.code}"
    return (_finding(rule, "", Verdict.FAIL, message),)


def _evaluate_sections(rule: Rule, report: Report) -> tuple[Finding, ...]:
    due = rule.due or tuple(section.code for section in edition_by_code(report.edition).sections)
    found = {section.code for section in report.sections}
    missing = [code for code in due if code not in found]
    claimed = report.claimed_section_count
    if not found:
        return (_finding(rule, "", Verdict.NOT_ASSESSABLE, "no section heading was found", claimed, None),)
    if missing:
        return (_finding(rule, "", Verdict.FAIL, f"missing {', '.join(missing)}", claimed or len(due), len(found)),)
    if rule.due:
        # Sections beyond these are the report's own, under headings that no edition lists
        return (_finding(rule, "", Verdict.PASS, f"{', '.join(due)} are present", len(due), len(due)),)
    expected = len(due) if claimed is None else claimed
    if expected != len(found):
        verdict, message = Verdict.FAIL, f"the text says {expected} sections, {len(found)} were found"
    else:
        verdict, message = Verdict.PASS, f"all {len(found)} sections are present"
    return (_finding(rule, "", verdict, message, expected, len(found)),)


def _finding(
    rule: Rule, place: str, verdict: Verdict, message: str, left: int | None = None, right: int | None = None
) -> Finding:
    left_value = None if left is None else Decimal(left)
    right_value = None if right is None else Decimal(right)
    text = f"{rule.en}: {message}"
    return Finding(rule.code, place, rule.severity, verdict, verdict, left_value, right_value, (), text)


# By the `kind` of contract/identities.yml; a kind without an evaluator is a KeyError at the first report
REPORT_RULES: Mapping[str, Callable[[Rule, Report], tuple[Finding, ...]]] = {
    "date_year": _evaluate_date_year,
    "edition_expected": _evaluate_edition,
    "sections_present": _evaluate_sections,
}
