"""A table turned on its side: its words are the form's, its numbers stand elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pipeline.contract.editions import Edition
from pipeline.reports.model import Report

APPLICANTS = ["自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计"]
Blocks = Sequence[str | Sequence[Sequence[str]]]


def test_applicants_as_rows_publish_nothing(
    edition: Edition, lines: list[str], read_lines: Callable[[Sequence[str]], Report]
) -> None:
    labels = [row.label_zh for row in edition.tables[1].rows if not row.is_optional]
    begin = next(i for i, line in enumerate(lines) if line.startswith("自然人"))
    end = next(i for i, line in enumerate(lines) if line.startswith("四、政府信息公开行政复议"))
    for separator in (" ", "\n"):
        turned = [separator.join(["申请人情况", *labels])]
        turned += [
            separator.join([name, *(str((n + 3 * i) % 7) for i in range(len(labels)))])
            for n, name in enumerate(APPLICANTS)
        ]
        report = read_lines([*lines[:begin], *"\n".join(turned).split("\n"), *lines[end:]])
        assert not any(cell.value is not None for cell in report.cells if cell.code.startswith("requests."))


def test_applicants_as_rows_of_a_grid_publish_nothing(
    edition: Edition, lines: list[str], read_grids: Callable[[Blocks], Report]
) -> None:
    labels = [row.label_zh for row in edition.tables[1].rows if not row.is_optional]
    begin = next(i for i, line in enumerate(lines) if line.startswith("自然人"))
    end = next(i for i, line in enumerate(lines) if line.startswith("四、政府信息公开行政复议"))
    turned = [["申请人情况", *labels]]
    turned += [[name, *(str((n + 3 * i) % 7) for i in range(len(labels)))] for n, name in enumerate(APPLICANTS)]
    report = read_grids([*lines[:begin], turned, *lines[end:]])
    assert not any(cell.value is not None for cell in report.cells if cell.code.startswith("requests."))
