from __future__ import annotations

from pipeline.contract.schema import load_tables
from pipeline.crawl.model import Outcome


def test_the_contract_and_the_crawl_know_the_same_outcomes() -> None:
    columns = {column.name: column for column in load_tables()["raw.capture"].columns}
    assert [str(outcome) for outcome in Outcome] == list(columns["fetch_outcome_code"].values)
