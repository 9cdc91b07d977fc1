"""The samples, a corrected report and one with persons in it, through the whole pipeline, and the site of that."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from bench.producers import explain_absence, find_producer
from bench.tab import Tab, open_tab
from pipeline.definitions import defs
from pipeline.orchestration.nightly import run_nightly
from pipeline.orchestration.source_text import SourceTexts
from pipeline.paths import REPO_ROOT, DataPaths
from pipeline.site.build import Site, write_site
from pipeline.warehouse.query import run_query

SAMPLES = DataPaths(REPO_ROOT / "data").samples
# Made up; each stands where a report might name a person
PERSONS = ("赵立春", "钱卫东", "孙秀芳", "13812345678", "0379-65432198", "someone@example.com")
PLANTED = (
    "本年度申请人赵立春、钱卫东、孙秀芳就征地补偿提出申请，均已答复。\n"
    "联系人：赵立春，联系电话：0379-65432198，手机13812345678，邮箱someone@example.com。\n"
)
BEFORE = "（三）政府信息管理"


@dataclass(frozen=True, slots=True)
class Published:
    """A data folder with a published warehouse."""

    paths: DataPaths

    def ask(self, sql: str, **params: object) -> list[tuple[object, ...]]:
        return list(run_query(self.paths.published, sql, params, row_limit=100_000).rows)

    def value(self, sql: str, **params: object) -> object:
        return self.ask(sql, **params)[0][0]


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Published]:
    folder = tmp_path_factory.mktemp("site")
    home = folder / "dagster"
    home.mkdir()
    shutil.copyfile(REPO_ROOT / "dagster.yaml", home / "dagster.yaml")
    inbox = folder / "documents"
    shutil.copytree(SAMPLES, inbox)
    plain = (SAMPLES / "03-mengjin-office-2022-plain.txt").read_text(encoding="utf-8")
    assert BEFORE in plain
    (inbox / "21-persons.txt").write_text(plain.replace(BEFORE, PLANTED + BEFORE), encoding="utf-8")
    page = (SAMPLES / "09-hongze-2024-page-merged-row.html").read_bytes()
    assert page.count(b"9487") == 1
    # Taken in later, with another number: another version
    (inbox / "22-corrected.html").write_bytes(page.replace(b"9487", b"9488"))
    paths = DataPaths(folder / "data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAGSTER_HOME", str(home))
        assert not run_nightly(defs, paths, [inbox]).failed_steps
    yield Published(paths)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def site(published: Published) -> Site:
    return write_site(published.paths.published, published.paths.site, SourceTexts(published.paths).read)


@pytest.fixture(scope="session")
def browser() -> Iterator[Tab]:
    if find_producer("chromium") is None:
        pytest.skip(explain_absence("chromium"))
    with open_tab() as opened:
        yield opened
