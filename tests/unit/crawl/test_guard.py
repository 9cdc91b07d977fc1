"""No connection to an address that is not public: however it is written, redirected to or resolved."""

from __future__ import annotations

import socket
from collections.abc import Mapping

import pytest

from pipeline.crawl.guard import UnsafeAddressError, is_safe_address, open_guarded, read_literal
from pipeline.crawl.model import Outcome
from pipeline.crawl.net import Network
from pipeline.sources.overrides import HostOverride, parse_overrides
from tests.unit.crawl.servers_for_tests import fetch, make_fetcher, redirect, serve, stub_network, write_answer

WRITTEN_FORMS = (
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "127.255.255.254",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0x7F.0x0.0x0.0x1",
    "0177.0.0.1",
    "017700000001",
    "0",
    "0.0.0.0",
    "localhost",
    "LOCALHOST.",
    "10.0.0.1",
    "0xa.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "3232235777",
    "169.254.169.254",
    "2852039166",
    "0251.0376.0251.0376",
    "100.64.0.1",
    "192.0.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "[::1]",
    "[::]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[::ffff:0:127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b::10.0.0.1]",
    "[64:ff9b:1::1]",
    "[2002:7f00:1::]",
    "[2002:a00:1::1]",
    "[2001:0:7f00:1::1]",
    "[fe80::1]",
    "[fe80::1%25eth0]",
    "[fc00::1]",
    "[fd12:3456::1]",
    "[fec0::1]",
    "[ff02::1]",
    "[2001:db8::1]",
    "①②⑦.0.0.1",
    "127。0。0。1",
)


@pytest.mark.parametrize("host", WRITTEN_FORMS)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_internal_address_is_refused_however_it_is_written(host: str, scheme: str) -> None:
    result = fetch(f"{scheme}://{host}/", fetcher=make_fetcher(allow_loopback=False))
    assert result.outcome in (Outcome.UNSAFE_ADDRESS, Outcome.OFF_LIST, Outcome.DNS), result
    if host.isascii():
        assert result.outcome == Outcome.UNSAFE_ADDRESS, result
    assert result.status is None


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "0x7f.1", "127.1"])
def test_loopback_server_receives_no_connection_unless_allowed(host: str) -> None:
    with serve({"/": write_answer()}) as server:
        refused = fetch(f"http://{host}:{server.port}/", fetcher=make_fetcher(allow_loopback=False))
        assert (refused.outcome, server.connections) == (Outcome.UNSAFE_ADDRESS, 0)
        assert fetch(f"{server.base_url}/").outcome == Outcome.STORED


@pytest.mark.parametrize("host", ["169.254.169.254", "10.0.0.1", "0xa9fea9fe", "[::ffff:169.254.169.254]", "[::1]"])
def test_redirect_to_an_internal_address_is_refused_even_where_loopback_is_allowed(host: str) -> None:
    with serve({"/": redirect(f"http://{host}/latest/meta-data")}) as server:
        result = fetch(f"{server.base_url}/")
    assert result.outcome == Outcome.UNSAFE_ADDRESS
    assert result.body is None


@pytest.mark.parametrize("addresses", [("127.0.0.1",), ("8.8.8.8", "127.0.0.1"), ("127.0.0.1", "8.8.8.8"), ("::1",)])
def test_name_that_resolves_to_an_internal_address_is_refused(addresses: tuple[str, ...]) -> None:
    with serve({"/": write_answer()}) as server:
        fetcher = make_fetcher(allow_loopback=False, network=stub_network(addresses), overrides=plain_host(server.port))
        result = fetch(f"http://www.example.gov.cn:{server.port}/", fetcher=fetcher)
        assert (result.outcome, server.connections) == (Outcome.UNSAFE_ADDRESS, 0)


def test_name_that_is_rebound_between_two_requests_is_refused_the_second_time() -> None:
    answers = iter([("8.8.8.8",), ("169.254.169.254",)])
    tried: list[str] = []
    network = Network(resolve=lambda host, allows_ipv6: next(answers))

    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        tried.append(address[0])
        raise ConnectionRefusedError

    fetcher = make_fetcher(allow_loopback=False, network=network)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "create_connection", connect)
        first = fetch("https://www.example.gov.cn/", fetcher=fetcher)
        second = fetch("https://www.example.gov.cn/", fetcher=fetcher)
    assert (first.outcome, second.outcome) == (Outcome.REFUSED, Outcome.UNSAFE_ADDRESS)
    assert tried == ["8.8.8.8"]


def test_peer_itself_decides_before_a_byte_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    with serve({"/": write_answer()}) as server:
        connect = socket.create_connection
        monkeypatch.setattr(
            socket, "create_connection", lambda address, timeout: connect(("127.0.0.1", server.port), timeout)
        )
        with pytest.raises(UnsafeAddressError):
            open_guarded(("8.8.8.8",), 80, 1.0)
        monkeypatch.undo()
        fetch(f"{server.base_url}/")
        assert len(server.requests) == 1


@pytest.mark.parametrize("address", ["8.8.8.8", "223.5.5.5", "202.106.0.20", "240e::1", "2408:8756::1", "2001:da8::1"])
def test_public_address_is_safe(address: str) -> None:
    assert is_safe_address(address)


@pytest.mark.parametrize(
    "address", ["10.0.0.1", "192.168.0.1", "::1", "::ffff:127.0.0.1", "169.254.1.1", "nonsense", ""]
)
def test_allowing_loopback_allows_nothing_else(address: str) -> None:
    assert not is_safe_address(address, allow_loopback=True)


def test_every_address_of_the_loopback_network_is_loopback() -> None:
    assert is_safe_address("127.3.4.5", allow_loopback=True)
    assert not is_safe_address("127.3.4.5")


def test_next_address_is_tried_when_the_first_does_not_answer() -> None:
    with serve({"/": write_answer()}) as server, socket.create_server(("127.0.0.2", 0)) as closed:
        closed.close()
        with open_guarded(("127.0.0.2", "127.0.0.1"), server.port, 2.0, allow_loopback=True) as connected:
            assert connected.getpeername()[0] == "127.0.0.1"


@pytest.mark.parametrize("host", ["www.gov.cn", "1.example.cn", "", "12a", "a.b.c.d", "\u4e2d\u56fd"])
def test_a_name_is_no_literal(host: str) -> None:
    assert read_literal(host) == ""


def plain_host(port: int) -> Mapping[str, HostOverride]:
    return parse_overrides({"www.example.gov.cn": {"tls": "plain", "ports": [port], "reason": "a test"}})
