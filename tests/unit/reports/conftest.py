"""A filled form as lines of text, built from the edition's own data, to be damaged by the tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from pipeline.contract.editions import Edition, edition_by_code
from pipeline.documents.model import Cell, Document, Grid, Locator, Text
from pipeline.reports.model import Report
from pipeline.reports.read import read_report

TITLE = "嵩县陆浑镇人民政府2022年政府信息公开工作年度报告"


@pytest.fixture
def edition() -> Edition:
    return edition_by_code("ED_2021")


def _number(row: int, column: int) -> int:
    return (row * 7 + column * 3) % 11


@pytest.fixture
def lines(edition: Edition) -> list[str]:
    """One line per printed row. Row sums hold, so that a value at the end of a document is confirmed by its row."""
    proactive, requests, disputes = edition.tables
    out = [TITLE, "一、总体情况", "全年工作有序开展。", "二、主动公开政府信息情况", "第二十条第（一）项"]
    out += ["信息内容 本年制发件数 本年废止件数 现行有效件数"]
    for i, row in enumerate(proactive.rows):
        if len(row.columns) == 1:
            out.append(f"信息内容 {proactive.columns[row.columns[0]].labels[0]}")
        out.append(" ".join([row.label_zh, *(str(_number(i, c) + 1) for c in range(len(row.columns)))]))
    out += ["三、收到和处理政府信息公开申请情况", "申请人情况"]
    out += ["自然人 法人或其他组织 总计 商业企业 科研机构 社会公益组织 法律服务机构 其他"]
    for i, row in enumerate(r for r in requests.rows if not r.is_optional):
        parts = [_number(i, c) for c in range(6)]
        out.append(" ".join([row.label_zh, *map(str, [*parts, sum(parts)])]))
    out += ["四、政府信息公开行政复议、行政诉讼情况", "行政复议 行政诉讼"]
    outcomes = "结果维持 结果纠正 其他结果 尚未审结 总计"
    out += [outcomes, "未经复议直接起诉 复议后起诉", f"{outcomes} {outcomes}"]
    cells = []
    for i in range(len(disputes.rows)):
        parts = [_number(i, c) for c in range(4)]
        cells += [*parts, sum(parts)]
    out += [" ".join(map(str, cells))]
    return [*out, "五、存在的主要问题及改进情况", "人手不足。", "六、其他需要报告的事项", "无"]


@pytest.fixture
def read_lines() -> Callable[[Sequence[str]], Report]:
    def read(lines: Sequence[str]) -> Report:
        blocks = tuple(Text(line, Locator(line=n)) for n, line in enumerate(lines, 1) if line)
        return read_report(Document(blocks, "text", "text/1"))

    return read


@pytest.fixture
def read_grids() -> Callable[[Sequence[str | Sequence[Sequence[str]]]], Report]:
    """Reads blocks: a string is a line, a list of rows is a table with true columns."""

    def read(blocks: Sequence[str | Sequence[Sequence[str]]]) -> Report:
        built: list[Text | Grid] = []
        for n, block in enumerate(blocks, 1):
            if isinstance(block, str):
                built.append(Text(block, Locator(line=n)))
                continue
            cells = tuple(
                Cell(text, r, c, Locator(table=n, row=r + 1, column=c + 1))
                for r, row in enumerate(block)
                for c, text in enumerate(row)
            )
            built.append(Grid(cells, len(block), max(map(len, block))))
        return read_report(Document(tuple(built), "html", "html/1"))

    return read
