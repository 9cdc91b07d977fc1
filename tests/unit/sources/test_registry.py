from __future__ import annotations

import shutil

import pytest

from pipeline.paths import REPO_ROOT, DataPaths
from pipeline.sources.families import load_families
from pipeline.sources.lists import _ADAPTERS
from pipeline.sources.overrides import find_override, load_overrides, make_host_filter, parse_overrides
from pipeline.sources.registry import COLUMNS, SEEDS_FILE, RegistryError, is_inner_host, load_sources, parse_sources

HEADER = ",".join(COLUMNS)
GOOD = "cn-410325-nb,嵩县人民政府,410325,county,https://www.qingxi.gov.cn/nb/,auto,list,2019,2024-01-31,yes,"


def parse_lines(*rows: str) -> None:
    parse_sources([HEADER, *rows], {})


def test_the_registry_is_right_and_nothing_is_claimed_to_be_verified() -> None:
    sources = load_sources()
    assert {"cn-410300-nb", "cn-410308-nb", "cn-410325-nb", "cn-410883-nb"} <= {source.source_id for source in sources}
    assert [source.source_id for source in sources] == sorted(source.source_id for source in sources)
    assert {source.last_verified_date for source in sources} == {""}


def test_every_family_has_an_adapter() -> None:
    assert set(load_families()) == set(_ADAPTERS)


def test_a_good_row_becomes_a_source() -> None:
    (source,) = parse_sources(["# a comment", HEADER, "", GOOD], {})
    assert (source.division_code, source.expected_from_year, source.is_enabled) == ("410325", 2019, True)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("cn-410325-nb", "CN 1", "lower-case words"),
        ("嵩县人民政府", "", "organ_name is empty"),
        (",410325,", ",410300,", "no code of a county"),
        (",410325,", ",41032５,", "no code of a county"),
        (",county,", ",village,", "is none of province"),
        (",auto,", ",wordpress,", "neither auto nor in families.toml"),
        (",list,", ",report,", "must be list or root"),
        (",2019,", ",1996,", "is no year from 2007"),
        ("2024-01-31", "2024-02-31", "is no date"),
        (",yes,", ",1,", "must be yes or no"),
        ("https://www", "ftp://www", "must be an ASCII https or http address"),
        ("https://www", "http://www", "declare tls = 'plain'"),
        ("www.qingxi.gov.cn", "me@www.qingxi.gov.cn", "without user"),
        ("www.qingxi.gov.cn", "www.qingxi.gov.cn:8443", "declare it in ports"),
        ("www.qingxi.gov.cn", "www.qingxi.gov.cn:99999", "is no address"),
        ("www.qingxi.gov.cn", "10.1.2.3", "inner or local host"),
        ("www.qingxi.gov.cn", "[::1]", "inner or local host"),
        ("yes,", "yes,a,b", "12 fields, expected 11"),
    ],
)
def test_a_wrong_field_is_named_with_its_line(old: str, new: str, complaint: str) -> None:
    with pytest.raises(RegistryError, match=complaint) as caught:
        parse_sources([HEADER, GOOD.replace("cn-410325-nb", "cn-1"), GOOD.replace(old, new, 1)], {})
    assert str(caught.value).startswith("seeds.csv line 3: ")


def test_all_wrong_lines_are_told_at_once_and_an_id_is_given_once() -> None:
    with pytest.raises(RegistryError) as caught:
        parse_lines(GOOD, GOOD, GOOD.replace(",yes,", ",,"))
    assert [line[:17] for line in str(caught.value).splitlines()] == ["seeds.csv line 3:"] + ["seeds.csv line 4:"] * 2


def test_a_file_without_its_header_is_refused() -> None:
    with pytest.raises(RegistryError, match="must name the columns"):
        parse_sources([GOOD], {})


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "127.1",
        "0x7f.1",
        "2130706433",
        "169.254.169.254",
        "printer",
        "a.internal",
        "::1",
        "::ffff:127.0.0.1",
    ],
)
def test_inner_hosts_are_known_by_their_form(host: str) -> None:
    assert is_inner_host(host)


@pytest.mark.parametrize("host", ["www.ly.gov.cn", "61.150.65.235", "12345.gov.cn"])
def test_public_hosts_pass(host: str) -> None:
    assert not is_inner_host(host)


def test_an_override_is_found_by_host_or_by_the_nearest_wildcard() -> None:
    overrides = parse_overrides(
        {"*.zj.gov.cn": {"allows_ipv6": True, "reason": "r"}, "a.zj.gov.cn": {"delay_seconds": 9, "reason": "r"}}
    )
    assert find_override(overrides, "A.zj.gov.cn").delay_seconds == 9.0  # type: ignore[union-attr]
    assert find_override(overrides, "x.y.zj.gov.cn").allows_ipv6  # type: ignore[union-attr]
    assert find_override(overrides, "zj.gov.cn") is None


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        ({"delay": 3, "reason": "r"}, "delay is no key"),
        ({"delay_seconds": -1, "reason": "r"}, "delay_seconds -1"),
        ({"tls": "none", "reason": "r"}, "tls 'none'"),
        ({"ports": ["80"], "reason": "r"}, "ports"),
        ({"tls": "plain"}, "reason"),
    ],
)
def test_a_wrong_override_is_named(table: dict[str, object], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        parse_overrides({"a.gov.cn": table})


def test_only_sources_and_what_they_declare_may_be_asked() -> None:
    overrides = parse_overrides({"www.qingxi.gov.cn": {"allowed_hosts": ["files.gov.cn"], "reason": "r"}})
    is_allowed = make_host_filter(parse_sources([HEADER, GOOD], overrides), overrides)
    assert is_allowed("WWW.qingxi.gov.cn")
    assert is_allowed("files.gov.cn")
    assert not is_allowed("qingxi.gov.cn")
    assert not is_allowed("")


def test_every_override_is_used_or_a_wildcard() -> None:
    hosts = SEEDS_FILE.read_text(encoding="utf-8")
    assert [host for host in load_overrides() if not host.startswith("*.") and f"//{host}" not in hosts] == []


@pytest.fixture
def own(tmp_path):
    """A data folder with tables of its own: one column more, one of the checkout's switched off."""
    paths = DataPaths(tmp_path)
    known = load_sources()[0]
    values = (known.source_id, known.organ_name, known.division_code, known.division_level, known.column_url)
    paths.sources.write_text(
        "# ours\n"
        + ",".join(COLUMNS)
        + "\nzz-nb,某县人民政府,410000,province,http://zz.gov.cn:8080/,auto,root,,,yes,\n"
        + ",".join((*values, known.family, known.role, "", "", "no", "closed"))
        + "\n",
        encoding="utf-8",
    )
    paths.overrides.write_text('["zz.gov.cn"]\ntls = "plain"\nports = [8080]\nreason = "no other door"\n', "utf-8")
    return paths


def test_a_data_folder_adds_columns_and_replaces_the_checkouts(own):
    shipped, known = load_sources(), load_sources(own)
    assert [source.source_id for source in known] == [*(source.source_id for source in shipped), "zz-nb"]
    assert (known[0].is_enabled, known[0].note_text) == (False, "closed")
    assert known[1:-1] == shipped[1:]
    assert load_overrides(own)["zz.gov.cn"].ports == (8080,)
    assert load_overrides(own).keys() - load_overrides().keys() == {"zz.gov.cn"}


def test_wrong_lines_of_a_data_folder_are_named_with_its_file(own):
    own.overrides.write_text('["zz.gov.cn"]\ntls = "plain"\nreason = "one door less"\n', "utf-8")
    with pytest.raises(RegistryError, match=rf"{own.sources} line 3: .*8080"):
        load_sources(own)
    own.overrides.write_text("[", "utf-8")
    own.sources.unlink()
    with pytest.raises(RegistryError, match=r"overrides\.toml"):
        load_sources(own)


def test_tables_that_come_with_a_new_folder_say_nothing(tmp_path):
    paths = DataPaths(tmp_path)
    for table in (paths.sources, paths.overrides):
        shutil.copyfile(REPO_ROOT / "deploy" / table.name, table)
    assert load_sources(paths) == load_sources()
    assert load_overrides(paths) == load_overrides()
