from __future__ import annotations

import json

from pipeline.agencies.model import Method
from pipeline.facts.identities import evaluate_rules
from pipeline.facts.report_json import report_to_json
from pipeline.facts.whose import identify_organ
from pipeline.issues import Issue, IssueCode
from pipeline.reports.model import CellState, Report

SHA = "ab" * 32
KEYS = [
    *("document", "is_report", "reject_reason", "title", "agency_name", "report_year", "edition", "region"),
    *("recall", "cells", "claims", "findings", "issues"),
]


def test_a_report_has_the_public_shape(make_report):
    cells = {"proactive.admin_fees.amount": "1E+3", "disputes.review.total": CellState.SLASH}
    counts = {"printed_number_count": 200, "read_number_count": 199}
    report = make_report(cells, agency_name="孟津区城关镇人民政府", **counts)
    agency = identify_organ(report.agency_name, 2022, "d", {}, "")
    written = report_to_json(report, evaluate_rules(report), agency, SHA, "text/plain", 12)
    assert json.loads(json.dumps(written)) == written
    assert list(written) == KEYS
    assert written["document"] == {"sha256": SHA, "media_type": "text/plain", "bytes": 12}
    assert written["reject_reason"] is None
    assert written["recall"] == {"printed": 200, "read": 199}
    assert written["region"] == {
        "code": "410308100",
        "path": "河南省 洛阳市 孟津区 城关镇",
        "method": "registry",
        "candidates": [],
    }
    by_code = {cell["code"]: cell for cell in written["cells"]}
    assert len(by_code) == 200
    assert by_code["proactive.admin_fees.amount"]["value"] == "1000"
    assert by_code["proactive.admin_fees.amount"]["unit"] == "万元"
    assert (by_code["disputes.review.total"]["value"], by_code["disputes.review.total"]["state"]) == (None, "slash")
    assert set(written["cells"][0]) == {"code", "value", "unit", "state", "raw", "locator", "method"}
    finding = next(f for f in written["findings"] if (f["rule"], f["place"]) == ("R06", "review"))
    assert (finding["verdict"], finding["left"], finding["right"]) == ("not_assessable", None, "0")


def test_a_printed_value_keeps_its_zeros(make_report):
    report = make_report({"proactive.admin_fees.amount": "0.0000"})
    written = report_to_json(report, (), None, SHA, "text/plain", 1)
    assert {c["code"]: c["value"] for c in written["cells"]}["proactive.admin_fees.amount"] == "0.0000"


def test_what_is_no_report_says_why_and_has_no_cells():
    issue = Issue(IssueCode.MEDIA_UNSUPPORTED, "an archive", "")
    report = Report(False, reject_reason=issue.code, issues=(issue,))
    written = report_to_json(report, (), None, SHA, "application/zip", 4)
    assert list(written) == KEYS
    assert (written["is_report"], written["reject_reason"], written["cells"]) == (False, "media_unsupported", [])
    assert written["title"] is None
    assert written["recall"] == {"printed": None, "read": None}
    assert written["region"] == {"code": None, "path": None, "method": None, "candidates": []}
    assert written["issues"] == [{"code": "media_unsupported", "message": "an archive", "locator": ""}]


def test_a_name_of_several_agencies_gives_candidates_and_no_code(make_report):
    agency = identify_organ("朝阳区人民政府", 2022, "d", {}, "")
    assert agency.method is Method.NONE
    written = report_to_json(make_report(), (), agency, SHA, "text/plain", 1)
    assert written["region"] == {
        "code": None,
        "path": None,
        "method": None,
        "candidates": [{"code": "110105", "path": "北京市 朝阳区"}, {"code": "220104", "path": "吉林省 长春市 朝阳区"}],
    }
