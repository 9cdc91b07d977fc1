"""From raw bytes to releases: the same raw gives the same release, and nobody's name or number goes out with one."""

from __future__ import annotations

import datetime as dt
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote

import dagster as dg
import duckdb
import polars as pl
import pytest

from pipeline.definitions import defs
from pipeline.orchestration.nightly import run_nightly
from pipeline.orchestration.release_asset import release
from pipeline.orchestration.resources import DataFolder
from pipeline.paths import REPO_ROOT, DataPaths
from pipeline.warehouse.query import run_query
from pipeline.warehouse.release import Release, make_release
from pipeline.warehouse.release_verify import verify_release

SAMPLES = DataPaths(REPO_ROOT / "data").samples
DAY = dt.date(2026, 11, 21)
NAMES = ("王建国", "李春梅", "欧阳文静", "赵志远")
OTHERS = ("67912345", "41032219800101123", "lichunmei", "Users", "zhaozhiyuan")


@dataclass
class Planted:
    """Documents with personal data, a number of its own at every place; `numbers` are those handed out."""

    numbers: list[str] = field(default_factory=list)

    def number(self) -> str:
        self.numbers.append(f"138{12345670 + 7 * len(self.numbers):08d}")
        return self.numbers[-1]

    def page(self) -> str:
        """A sample page with something personal in its head, title, text, labels, cells, links and footer."""
        text = (SAMPLES / "12-mengjin-office-2022-page-corrected.html").read_text(encoding="utf-8")
        office, contact = "孟津区人民政府办公室", "联系人：李春梅"
        places = {
            "<title>": f"<title>申请人王建国电话{self.number()}",
            "</title>": f"-联系人李春梅{self.number()}</title>",
            'content="政府信息公开平台"': f'content="政府信息公开平台 {contact} {self.number()}"',
            f'"ContentSource" content="{office}"': f'"ContentSource" content="{office} {contact} {self.number()}"',
            f"信息来源：{office}": f"信息来源：{office} {contact} {self.number()}",
            "情况报告如下": f"情况报告如下（{contact}，身份证号410322198001011234，邮箱lichunmei@example.cn）",
            "<p>一、总体情况</p>": f"<p>一、总体情况（{contact}{self.number()}）</p>",
            "本年度新收": f"申请人王建国、李春梅、欧阳文静、赵志远等（{self.number()}）本年度新收",
            "全年办结14件": f"全年办结{self.number()}件",
            '行政处罚</td><td colspan="3">225': f'行政处罚</td><td colspan="3">{contact}{self.number()}',
            '<td colspan="3">5069</td>': f'<td colspan="3">{self.number()}</td>',
            '行政强制</td><td colspan="3">0': f'行政强制（{self.number()}）</td><td colspan="3">0379-67912345',
            "（一）予以公开": f"（一）予以公开{contact}",
            "2.重复申请</td><td>0": f"2.重复申请 李春梅女士</td><td>{self.number()} {self.number()}",
            "<p>三、收到": f"<p>填表人{contact} {self.number()}</p><p>三、收到",
            "无其他需要": (
                f"<a href='files/申请人李春梅{self.number()}.pdf'>{contact}{self.number()}</a>"
                f"<a href='file:///C:/Users/zhaozhiyuan/{self.number()}.doc'>下载</a>"
                f"<a href='/d/{quote('联系人李春梅')}.pdf'>附件</a>无其他需要"
            ),
            "联系电话见": f"{contact} 电话：{self.number()}",
        }
        for place, personal in places.items():
            assert place in text, place
            text = text.replace(place, personal, 1)
        return text

    def write(self, folder: Path) -> None:
        """The page, the same as text, one that announces a report, one that is none, and an archive."""
        folder.mkdir(parents=True)
        (folder / f"联系人李春梅{self.number()}.html").write_text(self.page(), encoding="utf-8")
        plain = (SAMPLES / "03-mengjin-office-2022-plain.txt").read_text(encoding="utf-8")
        plain = f"联系人：李春梅 {self.number()}\n" + plain.replace("14", self.number(), 3)
        (folder / "plain.txt").write_text(plain, encoding="utf-8")
        notice = f"关于领取年度报告的通知\n联系人：李春梅 {self.number()}政府信息公开工作年度报告\n"
        (folder / "notice.txt").write_text(notice, encoding="utf-8")
        page = f"<h1>甲县2022年政府信息公开工作年度报告</h1><a href='a.pdf'>申请人王建国{self.number()}年度报告.pdf</a>"
        (folder / "page.html").write_text(page, encoding="utf-8")
        with zipfile.ZipFile(folder / "all.zip", "w") as archive:
            archive.writestr(f"zhaozhiyuan/联系人李春梅{self.number()}.txt", plain.replace("2022", "2023"))


@pytest.fixture(scope="module")
def planted() -> Planted:
    return Planted()


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory, planted: Planted) -> tuple[Release, Release]:
    """Two releases of the same raw, each from a data folder of its own."""
    home, inbox = tmp_path_factory.mktemp("dagster"), tmp_path_factory.mktemp("disk") / "zhaozhiyuan"
    shutil.copyfile(REPO_ROOT / "dagster.yaml", home / "dagster.yaml")
    planted.write(inbox)
    first, second = DataPaths(tmp_path_factory.mktemp("first")), DataPaths(tmp_path_factory.mktemp("second"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAGSTER_HOME", str(home))
        assert run_nightly(defs, first, [SAMPLES, inbox]).failed_steps == ()
        shutil.copytree(first.root / "raw", second.root / "raw")
        assert run_nightly(defs, second, []).failed_steps == ()
    return make_release(first, DAY), make_release(second, DAY)


def test_the_same_raw_gives_the_same_release(releases: tuple[Release, Release]) -> None:
    first, second = releases
    assert first.build_id == second.build_id
    manifests = [(one.folder / "MANIFEST.sha256").read_text(encoding="utf-8").splitlines() for one in releases]
    differing = {line.partition("  ")[2] for line in set(manifests[0]) ^ set(manifests[1])}
    assert differing <= {"touming.duckdb"}
    for one in releases:
        assert verify_release(one.folder).build_id == first.build_id


def texts_of(folder: Path) -> Iterator[tuple[str, str]]:
    """Everything a reader of a release can see, as (place, text)."""
    with duckdb.connect(str(folder / "touming.duckdb"), read_only=True) as con:
        for (table,) in con.execute("SELECT schema_name || '.' || table_name FROM duckdb_tables()").fetchall():
            yield table, str(con.execute(f"FROM {table}").fetchall())
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        yield path.name, path.name
        if path.suffix == ".parquet":
            yield path.name, str(pl.read_parquet(path).rows())
        elif path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                yield path.name, "".join(archive.read(name).decode("utf-8") for name in archive.namelist())
        else:
            # The database too: what is free in its pages goes out with it
            yield path.name, path.read_bytes().decode("utf-8", errors="ignore")


def test_nothing_personal_goes_out(releases: tuple[Release, Release], planted: Planted) -> None:
    secrets = (*planted.numbers, *NAMES, *OTHERS)
    found = [
        (place, secret)
        for place, text in texts_of(releases[0].folder)
        for shown in (unquote(text),)
        for secret in secrets
        if secret in shown
    ]
    assert found == []


def test_the_asset_makes_one_and_says_what_changed(releases: tuple[Release, Release]) -> None:
    root = releases[1].folder.parents[2]
    config = {"ops": {"warehouse__release": {"config": {"version": "2026.11.7"}}}}

    def run() -> dg.ExecuteInProcessResult:
        data = DataFolder(root=str(root))
        return dg.materialize([release], resources={"data": data}, run_config=config, raise_on_error=False)

    (made,) = run().asset_materializations_for_node("warehouse__release")
    assert made.metadata["build_id"].value == releases[1].build_id
    assert made.metadata["compared with"].value == "2026.11.0"
    assert made.metadata["revised figures"].value == 0
    assert verify_release(DataPaths(root).releases / "2026.11.7").version == "2026.11.7"
    (failure,) = run().get_step_failure_events()
    assert "release_exists" in failure.step_failure_data.error.message


def test_the_planted_documents_did_reach_the_warehouse(releases: tuple[Release, Release], planted: Planted) -> None:
    database = releases[0].folder / "touming.duckdb"
    masked = {
        "raw.capture": "origin_text",
        "raw.attachment": "target_text",
        "core.report_evidence": "evidence_text",
        "core.section": "body_text",
        "core.claim": "sentence_text",
        "core.cell": "raw_text",
        "core.issue": "message_text",
    }
    for table, column in masked.items():
        counted = run_query(database, f"SELECT count(*) FROM {table} WHERE contains({column}, '＊＊＊')").rows
        assert counted[0][0], table
    assert len(planted.numbers) > 20
