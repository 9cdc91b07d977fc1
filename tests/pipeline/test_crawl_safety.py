"""A crawl that sites try to lead into the inner network, out of its folders, or out of memory."""

from __future__ import annotations

import ast
import socket
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.crawl.model import Outcome
from pipeline.crawl.net import Network
from pipeline.paths import REPO_ROOT
from pipeline.sources.overrides import TLS_PLAIN, HostOverride
from tests.pipeline.crawls_for_tests import (
    crawl_sites,
    find_outcomes,
    find_stored,
    hash_bytes,
    list_captures,
    make_fetcher,
    make_source,
)
from tests.sites import Faults, SitePlan, start_site, start_sites
from tests.sites.faults import TRAVERSING_NAMES

# All of them this machine or a network inside; the port of the listening socket is added
LOOPBACK_FORMS = (
    *("127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001"),
    *("127.255.255.254", "localhost"),
)
INNER_FORMS = (
    *("0.0.0.0", "0", "10.0.0.1", "0xa.1", "172.16.0.1", "192.168.0.1", "3232235521", "169.254.169.254", "2852039166"),
    *("100.64.0.1", "198.18.0.1", "224.0.0.1", "255.255.255.255", "[::1]", "[::]", "[0:0:0:0:0:0:0:1]"),
    *("[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b::10.0.0.1]"),
    *("[2002:7f00:1::]", "[2001:0:7f00:1::1]", "[fe80::1]", "[fd00::1]", "[ff02::1]"),
)
NAME = "www.rebinding.test"


@contextmanager
def listen_everywhere() -> Iterator[tuple[int, list[socket.socket]]]:
    """A port that listens on every address of this machine, IPv6 too where there is any."""
    listening = [socket.create_server(("0.0.0.0", 0))]
    port = int(listening[0].getsockname()[1])
    if socket.has_ipv6:
        with suppress(OSError):
            listening.append(socket.create_server(("::", port), family=socket.AF_INET6))
    try:
        yield port, listening
    finally:
        for each in listening:
            each.close()


def count_connections(listening: list[socket.socket]) -> int:
    """How many connections wait to be accepted: nobody accepts any."""
    count = 0
    for each in listening:
        each.setblocking(False)
        try:
            while each.accept():
                count += 1
        except BlockingIOError:
            continue
    return count


def test_the_listening_port_would_notice_a_connection() -> None:
    with listen_everywhere() as (port, listening):
        with socket.create_connection(("127.0.0.1", port)):
            assert count_connections(listening) == 1
        assert count_connections(listening) == 0


def test_internal_addresses_are_refused_however_they_are_written(tmp_path: Path) -> None:
    forms = (*LOOPBACK_FORMS, *INNER_FORMS)
    assert len(forms) >= 20
    with listen_everywhere() as (port, listening), start_site("vsb") as site:
        origin = make_source(site)
        urls = [f"http://{form}:{port}/zfxxgk/" for form in forms]
        sources = [replace(origin, source_id=f"form-{n}", column_url=url) for n, url in enumerate(urls)]
        # The worst registry: every name allowed, plain http and this port declared
        override = HostOverride("", None, TLS_PLAIN, True, (), (port,), "test")
        overrides = {form.strip("[].").lower(): override for form in forms}
        fetcher = make_fetcher([], allow_loopback=False, overrides=overrides, allowed_hosts=lambda host: True)
        crawl_sites(tmp_path, [], sources=sources, fetcher=fetcher)
        assert count_connections(listening) == 0
        assert site.log == []
    outcomes = find_outcomes(tmp_path)
    assert outcomes.keys() == set(urls)
    # A name is unsafe only once it is resolved, which its robots.txt is the first occasion for
    by_name = {url for url in urls if "localhost" in url}
    assert {outcomes[url] for url in outcomes.keys() - by_name} == {Outcome.UNSAFE_ADDRESS}
    assert {outcomes[url] for url in by_name} == {Outcome.ROBOTS_UNAVAILABLE}


def test_redirects_into_inner_networks_are_refused(tmp_path: Path) -> None:
    with listen_everywhere() as (port, listening):
        targets = tuple(f"http://{form}:{port}/latest/meta-data/" for form in INNER_FORMS)
        plan = SitePlan("trs_static", documents=len(targets), has_attachments=False)
        plan = replace(plan, faults=Faults(1.0, ("redirect_to",), targets=targets))
        with start_sites([plan]) as (site,):
            fetcher = make_fetcher([site], allowed_hosts=lambda host: True)
            crawl_sites(tmp_path, [site], fetcher=fetcher)
            outcomes = find_outcomes(tmp_path)
            assert {outcomes[url] for url in site.expected_reports} == {Outcome.UNSAFE_ADDRESS}
            assert len(site.expected_reports) == len(targets)
        assert count_connections(listening) == 0


def test_redirects_to_hosts_that_no_source_names_are_not_followed(tmp_path: Path) -> None:
    with start_site("vsb", documents=3) as other:
        path = other.content.column_path
        targets = tuple(f"http://{form}:{other.port}{path}" for form in (other.host, "localhost", "127.1"))
        with start_site("trs_static", documents=6, faults=Faults(1.0, ("redirect_to",), targets=targets)) as site:
            crawl_sites(tmp_path, [site])
            outcomes = find_outcomes(tmp_path)
            assert {outcomes[url] for url in site.expected_reports} == {Outcome.REDIRECT_OFFSITE}
        assert other.log == []


@pytest.mark.parametrize(
    "later", [["10.0.0.1"], ["169.254.169.254"], ["::1"], ["MINE", "192.168.0.1"], ["fd00::1", "MINE"]]
)
def test_a_name_that_is_rebound_is_refused(tmp_path: Path, later: list[str]) -> None:
    with start_site("trs_static", documents=6) as site:
        asked: list[str] = []

        def resolve(host: str, allows_ipv6: bool) -> list[str]:
            asked.append(host)
            # robots.txt, the list and one report come from where the site is; then the name leads inside
            return [site.host] if len(asked) <= 3 else [site.host if each == "MINE" else each for each in later]

        network = Network(resolve=resolve)
        fetcher = make_fetcher([], network=network, allowed_hosts=lambda host: host == NAME)
        source = replace(make_source(site), column_url=site.column_url.replace(site.host, NAME))
        crawl_sites(tmp_path, [], sources=[source], fetcher=fetcher)
        outcomes = find_outcomes(tmp_path)
        assert len(site.log) == 3
        assert sorted(set(outcomes.values())) == sorted({Outcome.STORED, Outcome.UNSAFE_ADDRESS})
        assert list(outcomes.values()).count(Outcome.STORED) == 2


def test_bombs_are_neither_inflated_nor_kept(tmp_path: Path) -> None:
    faults = Faults(1.0, ("gzip_bomb", "deflate_bomb", "too_large"))
    with start_site("trs_static", documents=9, faults=faults) as site:
        tracemalloc.start()
        try:
            crawl_sites(tmp_path, [site], thread_count=2)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        outcomes = find_outcomes(tmp_path)
        reached = [outcomes[url] for url in site.expected if url in outcomes]
        assert len(reached) >= len(site.expected_reports)
        assert set(reached) == {Outcome.TOO_LARGE}
    # 400 MB if a single one of them were inflated
    assert peak < 40_000_000


def test_archives_that_are_bombs_or_lead_out_of_a_folder_are_kept_unopened_or_by_hash(tmp_path: Path) -> None:
    root = tmp_path / "data"
    with start_site("trs_static", documents=24, faults=Faults(0.7, ("zip_bomb", "zip_traversal"), seed=3)) as site:
        crawl_sites(root, [site])
        stored = find_stored(root)
        kinds = {url: kind for url, kind in site.faults_by_url.items() if url in stored}
    assert set(kinds.values()) == {"zip_bomb", "zip_traversal"}
    members: dict[str, set[str]] = {}
    for each in list_captures(root):
        archive, mark, _ = each.origin_text.partition("!/")
        if mark:
            members.setdefault(kinds.get(archive, ""), set()).add(str(each.sha256))
    assert "zip_bomb" not in members
    assert members["zip_traversal"] == {hash_bytes(f"escaped as {name}".encode()) for name in TRAVERSING_NAMES}
    everywhere = [
        path for path in (*tmp_path.rglob("*"), *Path("/tmp").glob("touming-escaped*")) if "escaped" in path.name
    ]
    assert everywhere == []
    assert {len(path.name) for path in (root / "raw" / "blobs").glob("*/*")} == {64}


def test_only_a_constructor_argument_opens_loopback() -> None:
    """No environment variable, option or setting of a crawl does: the word stands in the crawl's own modules alone, and
    only the address that an operator names for failures may be on this machine."""
    for path in (REPO_ROOT / "pipeline").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        passed = [
            keyword.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Call)
            for keyword in node.keywords
            if keyword.arg == "allow_loopback"
        ]
        if path.parent.name != "crawl":
            assert passed == [], path
        assert not any(isinstance(value, ast.Constant) and value.value for value in passed), path
