"""Decisions of people: a file that anybody may edit by hand, read line by line."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import polars as pl
import pytest

from pipeline.facts.decision_file import append_decision, stage_decisions
from pipeline.facts.decisions import COLUMNS, Decision, DecisionError, decision_rows
from pipeline.paths import REPO_ROOT, DataPaths

DECISION = Decision(
    "0123456789abcdef", "R02", "dismissed", "原件如此", "desk 2", dt.date(2026, 2, 3), "某镇 2023 total"
)
HEADER = ",".join(COLUMNS)
LINE = "0123456789abcdef,R02,dismissed,checked,desk 2,2026-02-03,"
WRONG = {
    "fingerprint is not 16 hex digits": LINE.replace("0123456789abcdef", "0123456789ABCDEF"),
    "rule_code is not in meta.rule": LINE.replace("R02", "R05"),
    "decision_code is none of confirmed, dismissed": LINE.replace("dismissed", "maybe"),
    "reason_text must be one line": LINE.replace("checked", " "),
    "decided_by is empty": LINE.replace("desk 2", ""),
    "decided_date is no day": LINE.replace("2026-02-03", "3.2.2026"),
    "6 values, expected 7": LINE.removesuffix(","),
    "is no line of CSV": LINE + '"open',
}


def test_what_is_appended_is_read_back(tmp_path) -> None:
    path = tmp_path / "new" / "decisions.csv"
    append_decision(path, DECISION)
    append_decision(path, replace(DECISION, fingerprint="f" * 16, reason_text='says "0, 1"'))
    decisions, problems = decision_rows(path.read_bytes())
    assert problems == []
    assert [(row["fingerprint"], row["decision_reason_text"]) for row in decisions] == [
        ("0123456789abcdef", "原件如此"),
        ("f" * 16, 'says "0, 1"'),
    ]
    assert "decided_by" not in decisions[0]
    assert decisions[0]["decided_date"] == dt.date(2026, 2, 3)


def test_the_last_decision_of_a_fingerprint_holds(tmp_path) -> None:
    path = tmp_path / "decisions.csv"
    append_decision(path, DECISION)
    append_decision(path, replace(DECISION, decision_code="confirmed"))
    (row,), _ = decision_rows(path.read_bytes())
    assert row["decision_code"] == "confirmed"
    assert path.read_text(encoding="utf-8").count("0123456789abcdef") == 2


@pytest.mark.parametrize("complaint", WRONG)
def test_a_wrong_line_is_named_and_the_others_count(complaint: str) -> None:
    text = f"# about\n{HEADER}\n{WRONG[complaint]}\n\n{LINE}\n"
    decisions, (problem,) = decision_rows(text.encode())
    assert len(decisions) == 1
    assert problem["line_number"] == 3
    assert complaint in str(problem["message_text"])


def test_every_fault_of_a_line_is_said_and_none_of_its_words() -> None:
    _, (problem,) = decision_rows(f"{HEADER}\n张三,李四,王五,,,x,\n".encode())
    assert str(problem["message_text"]).count("; ") == 7
    assert not any(name in str(problem["message_text"]) for name in ("张三", "李四", "王五"))


def test_a_file_saved_by_a_spreadsheet_is_read() -> None:
    decisions, problems = decision_rows(b"\xef\xbb\xbf" + f"{HEADER}\r\n{LINE}\r\n".encode())
    assert (len(decisions), problems) == (1, [])
    _, (problem,) = decision_rows(f"{HEADER}\n".encode() + LINE.replace("checked", "原件如此").encode("gb18030"))
    assert "UTF-8" in str(problem["message_text"])


def test_a_file_without_header_says_so_and_decides_nothing_by_its_first_line() -> None:
    decisions, (problem,) = decision_rows(f"{LINE}\n".encode())
    assert decisions == []
    assert "must name the columns" in str(problem["message_text"])


def test_names_and_numbers_of_persons_are_masked_in_the_file_and_in_the_rows(tmp_path) -> None:
    path = tmp_path / "decisions.csv"
    append_decision(path, replace(DECISION, reason_text="致电申请人王小明，电话13800138000"))
    assert "王小明" not in path.read_text(encoding="utf-8")
    # As a person writes it into the file
    decisions, _ = decision_rows(f"{HEADER}\n{LINE.replace('checked', '申请人王小明')}\n".encode())
    assert decisions[0]["decision_reason_text"] == "申请人＊＊＊"


def test_nothing_malformed_is_appended(tmp_path) -> None:
    path = tmp_path / "decisions.csv"
    with pytest.raises(DecisionError, match="reason_text"):
        append_decision(path, replace(DECISION, reason_text="two\nlines"))
    assert not path.exists()


def test_a_line_without_its_end_is_not_joined_with_the_next(tmp_path) -> None:
    path = tmp_path / "decisions.csv"
    path.write_text(f"{HEADER}\n{LINE}", encoding="utf-8")
    append_decision(path, replace(DECISION, fingerprint="f" * 16))
    assert len(decision_rows(path.read_bytes())[0]) == 2


def test_the_stages_follow_the_file(tmp_path) -> None:
    paths = DataPaths(tmp_path)
    stage = paths.stage / "core" / "decision" / "part.parquet"
    assert stage_decisions(paths) == 0
    assert pl.read_parquet(stage).height == 0
    append_decision(paths.decisions, DECISION)
    assert stage_decisions(paths) == 1
    assert pl.read_parquet(stage)["decision_code"].to_list() == ["dismissed"]
    paths.decisions.unlink()
    assert stage_decisions(paths) == 0


def test_a_file_that_cannot_be_read_is_a_problem_and_no_failed_night(tmp_path) -> None:
    paths = DataPaths(tmp_path)
    paths.decisions.mkdir()
    assert stage_decisions(paths) == 0
    (problem,) = pl.read_parquet(paths.stage / "core" / "decision_problem" / "part.parquet").to_dicts()
    assert problem["line_number"] == 0


def test_the_file_of_the_checkout_is_in_order() -> None:
    assert decision_rows((REPO_ROOT / "data" / "decisions.csv").read_bytes())[1] == []
