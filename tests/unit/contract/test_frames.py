"""The strict door from rows to frames: what may pass, and what each refusal names."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import StrEnum

import polars as pl
import pyarrow as pa
import pytest

from pipeline.contract.arrays import ContractError, arrow_schema
from pipeline.contract.frames import make_frame, polars_schema
from pipeline.contract.schema import load_tables

PROACTIVE: dict[str, object] = {
    "report_id": "r1",
    "subject_code": "admin_fees",
    "measure_code": "amount",
    "value": Decimal("1.50"),
    "unit": "万元",
    "state_code": "reported",
}
CAPTURE: dict[str, object] = {
    "capture_id": "c1",
    "document_id": "d1",
    "sha256": "aa",
    "origin_text": "inbox/a.txt",
    "captured_at": dt.datetime(2026, 1, 2, 8, tzinfo=dt.timezone(dt.timedelta(hours=8))),
    "media_type": "text/plain",
    "byte_count": 12,
    "fetch_outcome_code": "captured",
    "parent_capture_id": None,
    "final_url_text": None,
    "http_status": None,
    "declared_media_type_text": None,
    "etag_text": None,
    "last_modified_text": None,
    "source_id": None,
    "request_role_code": None,
    "request_form_text": None,
    "change_code": None,
    "tls_mode_code": None,
    "elapsed_ms": None,
    "fetch_message_text": None,
}


class State(StrEnum):
    REPORTED = "reported"


@pytest.mark.parametrize("table", load_tables())
def test_an_empty_frame_has_every_column_in_contract_order(table: str) -> None:
    frame = make_frame(table, [])
    assert frame.schema == polars_schema(table)
    assert frame.columns == arrow_schema(table).names == [column.name for column in load_tables()[table].columns]


def test_types_follow_the_contract() -> None:
    schema = polars_schema("core.report")
    assert schema["report_year"] == pl.Int32
    assert schema["published_date"] == pl.Date
    assert schema["is_latest"] == pl.Boolean
    assert polars_schema("core.finding")["cell_code_list"] == pl.List(pl.String)
    assert arrow_schema("core.cell").field("value").type == pa.decimal128(24, 8)
    assert arrow_schema("core.cell").field("value").nullable
    assert not arrow_schema("core.cell").field("raw_text").nullable


def test_values_arrive_unchanged() -> None:
    frame = make_frame("core.proactive", [PROACTIVE, PROACTIVE | {"value": None, "state_code": "blank"}])
    assert frame["value"].to_list() == [Decimal("1.50"), None]
    assert frame["state_code"].to_list() == ["reported", "blank"]


def test_an_enumeration_member_is_stored_as_its_text() -> None:
    frame = make_frame("core.proactive", [PROACTIVE | {"state_code": State.REPORTED}])
    assert frame["state_code"].to_list() == ["reported"]


def test_a_moment_is_stored_in_utc() -> None:
    frame = make_frame("raw.capture", [CAPTURE])
    assert frame["captured_at"].to_list() == [dt.datetime(2026, 1, 2, tzinfo=dt.UTC)]


@pytest.mark.parametrize(
    ("number", "kept"),
    [("0", "0"), ("-0", "0"), ("1E+3", "1000"), ("1.123456780000", "1.12345678"), ("9" * 16, "9" * 16)],
)
def test_a_decimal_that_fits_exactly_is_kept(number: str, kept: str) -> None:
    frame = make_frame("core.proactive", [PROACTIVE | {"value": Decimal(number)}])
    assert frame["value"].to_list() == [Decimal(kept)]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"value": Decimal("0.123456789")}, "core.proactive.value"),
        ({"value": Decimal(10) ** 16}, "core.proactive.value"),
        ({"value": Decimal("NaN")}, "core.proactive.value"),
        ({"value": Decimal("sNaN")}, "core.proactive.value"),
        ({"value": Decimal("-Infinity")}, "core.proactive.value"),
        ({"value": Decimal("1E-400")}, "core.proactive.value"),
        ({"value": Decimal("1E+400")}, "core.proactive.value"),
        ({"value": 1.5}, "core.proactive.value"),
        ({"value": 3}, "core.proactive.value"),
        ({"unit": None}, "core.proactive.unit"),
        ({"unit": 3}, "core.proactive.unit"),
        ({"unit": "\ud800"}, "core.proactive.unit"),
        ({"state_code": "zero"}, "core.proactive.state_code"),
        ({"state_code": ""}, "core.proactive.state_code"),
    ],
)
def test_a_value_outside_the_contract_is_refused_by_column(change: dict[str, object], named: str) -> None:
    with pytest.raises(ContractError, match=named.replace(".", r"\.") + ": row 1"):
        make_frame("core.proactive", [PROACTIVE, PROACTIVE | change])


@pytest.mark.parametrize(
    ("table", "row", "change"),
    [
        ("raw.capture", CAPTURE, {"byte_count": True}),
        ("raw.capture", CAPTURE, {"byte_count": 2**63}),
        ("raw.capture", CAPTURE, {"byte_count": Decimal(1)}),
        ("raw.capture", CAPTURE, {"captured_at": dt.datetime(2026, 1, 2)}),
        ("raw.capture", CAPTURE, {"captured_at": dt.date(2026, 1, 2)}),
    ],
)
def test_another_python_type_is_never_coerced(table: str, row: dict[str, object], change: dict[str, object]) -> None:
    make_frame(table, [row])
    with pytest.raises(ContractError, match=next(iter(change))):
        make_frame(table, [row | change])


@pytest.mark.parametrize("codes", ["a.b.c", {"a.b.c"}, ["a.b.c", 3], ["a.b.c", None], ("\ud800",)])
def test_a_list_of_codes_is_a_list_of_texts(codes: object) -> None:
    row = {
        **{"report_id": "r1", "rule_code": "R01", "place_text": "", "severity_code": "hard", "verdict_code": "pass"},
        **{"lenient_verdict_code": "pass", "left_value": None, "right_value": None, "difference": None},
        **{"cell_code_list": ("a.b.c", "a.b.d"), "message_text": ""},
    }
    assert make_frame("core.finding", [row])["cell_code_list"].to_list() == [["a.b.c", "a.b.d"]]
    with pytest.raises(ContractError, match=r"core\.finding\.cell_code_list: row 0"):
        make_frame("core.finding", [row | {"cell_code_list": codes}])


def test_missing_and_extra_keys_are_refused_by_name() -> None:
    without = {key: value for key, value in PROACTIVE.items() if key != "unit"}
    with pytest.raises(ContractError, match="'unit'"):
        make_frame("core.proactive", [without])
    with pytest.raises(ContractError, match="'note'"):
        make_frame("core.proactive", [PROACTIVE | {"note": "x"}])


def test_an_unknown_table_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ContractError, match=r"core\.cell"):
        polars_schema("core.cells")
