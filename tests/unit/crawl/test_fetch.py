"""One attempt: what was asked, what came, and the one outcome of everything that can go wrong on the way."""

from __future__ import annotations

import gzip
import itertools
import socket
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.crawl.limits import FetchLimits, check_user_agent, make_user_agent
from pipeline.crawl.model import FetchRequest, Outcome
from pipeline.crawl.net import Fetcher, Network, _Answer
from pipeline.sources.model import Role, SiteRequest
from pipeline.sources.overrides import parse_overrides
from tests.unit.crawl.servers_for_tests import (
    PAGE,
    Reply,
    fetch,
    fetch_reply,
    make_fetcher,
    redirect,
    reset_connection,
    serve,
    write_answer,
)

# Its checksum is wrong
DAMAGED_GZIP = gzip.compress(PAGE)[:-8] + bytes(8)
LENGTH = f"Content-Length: {len(PAGE)}".encode()


def join(*headers: bytes, body: bytes = PAGE, end: bytes = b"\r\n") -> bytes:
    return end.join([*headers, b"", body])


MENDED = {
    "line_without_colon": join(b"HTTP/1.1 200 OK", b"X-Broken header line", LENGTH, b"ETag: a"),
    "space_before_colon": join(b"HTTP/1.1 200 OK", b"Server : IIS", LENGTH, b"ETag: a"),
    "bytes_in_a_name": join(b"HTTP/1.1 200 OK", "年报: a".encode("gbk"), LENGTH, b"ETag: a"),
    "ends_of_lines": join(b"HTTP/1.1 200 OK", b"Content-Type: text/html", LENGTH, b"ETag: a", end=b"\n"),
    "gbk_header": join(
        b"HTTP/1.1 200 OK", "Content-Disposition: attachment; filename=年报.doc".encode("gbk"), LENGTH, b"ETag: a"
    ),
    "no_reason": join(b"HTTP/1.1 200", LENGTH, b"ETag: a"),
    "length_twice": join(b"HTTP/1.1 200 OK", LENGTH, LENGTH, b"ETag: a"),
    "chunked_with_a_length": join(
        b"HTTP/1.1 200 OK",
        b"Transfer-Encoding: chunked",
        b"Content-Length: 5",
        b"ETag: a",
        body=b"%x\r\n%s\r\n0\r\n\r\n" % (len(PAGE), PAGE),
    ),
    "http_1_0_until_close": join(b"HTTP/1.0 200 OK", b"Content-Type: text/html", b"ETag: a"),
    "gzip_that_is_none": join(b"HTTP/1.1 200 OK", b"Content-Encoding: gzip", LENGTH, b"ETag: a"),
    "long_header": join(b"HTTP/1.1 200 OK", b"Set-Cookie: a=" + b"x" * 12_000, LENGTH, b"ETag: a"),
    "bytes_behind_the_body": join(b"HTTP/1.1 200 OK", LENGTH, b"ETag: a", body=PAGE + b"GARBAGE"),
    "control_character": join(b"HTTP/1.1 200 OK", b"X-A: a\x01b", LENGTH, b"ETag: a"),
    "length_that_is_none": join(b"HTTP/1.1 200 OK", b"Content-Length: unknown", b"ETag: a"),
    "interim_answer": b"HTTP/1.1 100 Continue\r\n\r\n" + join(b"HTTP/1.1 200 OK", LENGTH, b"ETag: a"),
    "folded_header": join(b"HTTP/1.1 200 OK", b"X-Long: a", b" b", LENGTH, b"ETag: a"),
}


@pytest.mark.parametrize("name", MENDED)
def test_malformed_answer_is_stored_whole_with_the_headers_after_the_fault(name: str) -> None:
    result = fetch_reply(MENDED[name])
    assert (result.outcome, result.body) == (Outcome.STORED, PAGE), result
    assert ("etag", "a") in result.headers


BROKEN: dict[str, tuple[Reply, Outcome]] = {
    "length_too_large": (join(b"HTTP/1.1 200 OK", b"Content-Length: 9999"), Outcome.TRUNCATED),
    "chunk_cut": (join(b"HTTP/1.1 200 OK", b"Transfer-Encoding: chunked", body=b"ff\r\nabc"), Outcome.TRUNCATED),
    "last_chunk_missing": (
        join(b"HTTP/1.1 200 OK", b"Transfer-Encoding: chunked", body=b"3\r\nabc\r\n"),
        Outcome.TRUNCATED,
    ),
    "chunk_length_none": (
        join(b"HTTP/1.1 200 OK", b"Transfer-Encoding: chunked", body=b"zz\r\nabc\r\n0\r\n\r\n"),
        Outcome.PROTOCOL,
    ),
    "two_lengths": (join(b"HTTP/1.1 200 OK", LENGTH, b"Content-Length: 5"), Outcome.PROTOCOL),
    "no_http": (b"hello\r\n\r\n", Outcome.PROTOCOL),
    "status_no_number": (b"HTTP/1.1 OK\r\n\r\n", Outcome.PROTOCOL),
    "nothing": (b"", Outcome.RESET),
    "headers_cut": (b"HTTP/1.1 200 OK\r\nContent-Le", Outcome.TRUNCATED),
    "endless_headers": (b"HTTP/1.1 200 OK\r\n" + b"junk line\r\n" * 40_000, Outcome.PROTOCOL),
    "too_many_headers": (b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 500 + b"\r\n", Outcome.PROTOCOL),
    "reset": (reset_connection, Outcome.RESET),
    "part": (write_answer(PAGE, status="206 Partial Content"), Outcome.PROTOCOL),
    "redirect_nowhere": (write_answer(b"", status="302 Found"), Outcome.PROTOCOL),
    "unasked_304": (write_answer(b"", status="304 Not Modified"), Outcome.PROTOCOL),
    "brotli": (write_answer(PAGE, "Content-Encoding: br"), Outcome.DECODE_ERROR),
    "gzip_cut": (write_answer(gzip.compress(PAGE * 50)[:-20], "Content-Encoding: gzip"), Outcome.TRUNCATED),
    "gzip_damaged": (
        write_answer(DAMAGED_GZIP, "Content-Encoding: gzip"),
        Outcome.DECODE_ERROR,
    ),
    "not_found": (write_answer(PAGE, status="404 Not Found"), Outcome.GONE),
    "removed": (write_answer(PAGE, status="410 Gone"), Outcome.GONE),
    "unauthorised": (write_answer(PAGE, status="401 Unauthorized"), Outcome.AUTH_REQUIRED),
    "refused": (write_answer(PAGE, status="403 Forbidden"), Outcome.CLIENT_4XX),
    "failed": (write_answer(PAGE, status="500 Oops"), Outcome.SERVER_5XX),
    "busy": (write_answer(PAGE, "Retry-After: 7", status="503 Busy"), Outcome.RATE_LIMITED),
    "not_found_and_cut": (
        join(b"HTTP/1.1 404 Not Found", b"Content-Length: 9999"),
        Outcome.GONE,
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_answer_has_its_outcome(name: str) -> None:
    reply, outcome = BROKEN[name]
    result = fetch_reply(reply)
    assert result.outcome == outcome, result
    assert result.detail or outcome == Outcome.STORED


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.binary(max_size=300), st.binary(max_size=300).map(lambda rest: b"HTTP/1.1 200 OK\r\n" + rest)))
def test_whatever_is_answered_is_a_result(reply: bytes) -> None:
    result = fetch_reply(reply)
    assert isinstance(result.outcome, Outcome)
    assert result.body is None or result.status is not None


def test_undecodable_body_keeps_its_raw_bytes() -> None:
    assert fetch_reply(write_answer(DAMAGED_GZIP, "Content-Encoding: gzip")).body == DAMAGED_GZIP


@pytest.mark.parametrize(
    ("encoding", "compressed"),
    [
        ("gzip", gzip.compress(PAGE)),
        ("x-gzip", gzip.compress(PAGE)),
        ("gzip", gzip.compress(PAGE[:9]) + gzip.compress(PAGE[9:])),
        ("gzip", gzip.compress(PAGE) + b"\0\0padding"),
        ("deflate", zlib.compress(PAGE)),
        ("deflate", zlib.compress(PAGE)[2:-4]),
        ("identity", PAGE),
    ],
)
def test_compressed_body_is_inflated(encoding: str, compressed: bytes) -> None:
    assert fetch_reply(write_answer(compressed, f"Content-Encoding: {encoding}")).body == PAGE


@pytest.mark.parametrize(
    "reply",
    [
        write_answer(PAGE * 20),
        join(b"HTTP/1.1 200 OK", body=PAGE * 20),
        write_answer(gzip.compress(PAGE * 20), "Content-Encoding: gzip"),
    ],
    ids=["declared", "until_close", "inflated"],
)
def test_body_beyond_its_cap_is_not_kept(reply: bytes) -> None:
    result = fetch_reply(reply, limits=FetchLimits(page_bytes=len(PAGE) * 20 - 1))
    assert (result.outcome, result.body) == (Outcome.TOO_LARGE, None)


def test_endless_body_is_left_at_the_cap() -> None:
    sent = []

    def pour(connection: socket.socket, head: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(10_000):
            connection.sendall(b"x" * 10_000)
            sent.append(10_000)

    assert fetch_reply(pour, limits=FetchLimits(page_bytes=100_000)).outcome == Outcome.TOO_LARGE
    assert sum(sent) < 50_000_000


def test_bomb_is_refused_by_its_ratio() -> None:
    bomb = gzip.compress(bytes(5_000_000))
    assert fetch_reply(write_answer(bomb, "Content-Encoding: gzip")).outcome == Outcome.TOO_LARGE


def test_cap_goes_by_role_and_declared_type() -> None:
    limits = FetchLimits(page_bytes=10, attachment_bytes=1_000)
    pdf = b"%PDF-1.4\n" + b"x" * 500
    assert fetch_reply(write_answer(pdf, "Content-Type: text/html"), limits=limits).outcome == Outcome.TOO_LARGE
    assert fetch_reply(write_answer(pdf, "Content-Type: application/pdf"), limits=limits).outcome == Outcome.STORED
    assert fetch_reply(write_answer(pdf), role=Role.ATTACHMENT, limits=limits).outcome == Outcome.STORED


def test_silent_server_is_left_after_the_read_timeout() -> None:
    def keep_silent(connection: socket.socket, head: bytes) -> None:
        connection.recv(1)

    assert fetch_reply(keep_silent, limits=FetchLimits(read_seconds=0.05)).outcome == Outcome.READ_TIMEOUT


@pytest.mark.parametrize("start", [b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n"])
def test_trickle_ends_with_the_attempt(start: bytes) -> None:
    def trickle(connection: socket.socket, head: bytes) -> None:
        connection.sendall(start)
        for _ in range(99_999):
            connection.sendall(b"x")

    ticks = itertools.count(0, 25)
    network = Network(clock=lambda: float(next(ticks)))
    with serve({"/x": trickle}) as server:
        result = fetch(f"{server.base_url}/x", fetcher=make_fetcher(network=network))
    assert result.outcome == Outcome.READ_TIMEOUT


def test_request_names_the_crawl_and_carries_validators() -> None:
    with serve({"/x": write_answer(b"", status="304 Not Modified")}) as server:
        result = fetch(f"{server.base_url}/x", etag='"abc"', last_modified="Thu, 19 Jan 2023 08:00:00 GMT")
        head = server.requests[0].decode()
    assert (result.outcome, result.body) == (Outcome.NOT_MODIFIED, None)
    assert 'If-None-Match: "abc"\r\n' in head
    assert "If-Modified-Since: Thu, 19 Jan 2023 08:00:00 GMT\r\n" in head
    assert "User-Agent: ToumingBot/0.1 (+https://example.org/crawl; crawl@example.org)\r\n" in head
    assert "Accept-Encoding: gzip, deflate\r\n" in head


def test_validator_that_can_not_stand_in_a_header_is_left_out() -> None:
    with serve({"/x": write_answer()}) as server:
        result = fetch(f"{server.base_url}/x", etag='"a"\r\nX-Injected: 1', last_modified="年")
        assert b"Injected" not in server.requests[0]
    assert result.outcome == Outcome.STORED


def test_form_is_posted_with_its_referer() -> None:
    request = SiteRequest(
        "", Role.LIST, method="POST", form=(("page", "2"), ("area", "年报")), referer="http://127.0.0.1/col/"
    )
    with serve({"/x": write_answer()}) as server:
        site = SiteRequest(f"{server.base_url}/x", request.role, "POST", request.form, request.referer)
        result = make_fetcher().fetch(FetchRequest(site))
        asked = server.requests[0]
    assert result.outcome == Outcome.STORED
    assert asked.startswith(b"POST /x HTTP/1.1\r\n")
    assert asked.endswith(b"\r\n\r\npage=2&area=%E5%B9%B4%E6%8A%A5")
    assert b"Referer: http://127.0.0.1/col/\r\n" in asked


@pytest.mark.parametrize("variable", ["http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"])
def test_proxy_of_the_environment_is_not_used(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve({"/x": write_answer()}) as server, serve({}) as proxy:
        monkeypatch.setenv(variable, proxy.base_url)
        assert fetch(f"{server.base_url}/x").outcome == Outcome.STORED
        assert proxy.connections == 0


class TestRedirects:
    @pytest.mark.parametrize("location", ["/y", "y", "./y", "../y", "?../y", "//127.0.0.1:{port}/y"])
    def test_relative_location_is_followed(self, location: str) -> None:
        with serve({"/y": write_answer(), "/x?../y": write_answer()}) as server:
            server.replies["/x"] = redirect(location.format(port=server.port))
            result = fetch(f"{server.base_url}/x")
        assert (result.outcome, result.body) == (Outcome.STORED, PAGE)
        assert result.final_url != f"{server.base_url}/x"

    def test_gbk_bytes_of_a_location_go_back_as_they_came(self) -> None:
        reply = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: /" + "年报".encode("gbk") + b"\r\n\r\n"
        with serve({"/x": reply, "/%C4%EA%B1%A8": write_answer()}) as server:
            assert fetch(f"{server.base_url}/x").outcome == Outcome.STORED

    def test_cookie_and_redirect_to_self_is_ordinary(self) -> None:
        def greet(connection: socket.socket, head: bytes) -> None:
            known = b"Cookie: COLLCK=7\r\n" in head
            connection.sendall(write_answer() if known else redirect("/x", "Set-Cookie: COLLCK=7; path=/; HttpOnly"))

        with serve({"/x": greet}) as server:
            fetcher = make_fetcher()
            assert fetch(f"{server.base_url}/x", fetcher=fetcher).outcome == Outcome.STORED
            assert fetch(f"{server.base_url}/x", fetcher=fetcher).outcome == Outcome.STORED
            assert len(server.requests) == 3

    def test_cookie_value_is_in_no_result(self) -> None:
        result = fetch_reply(write_answer(PAGE, "Set-Cookie: session=secret; path=/"))
        assert ("set-cookie", "session") in result.headers
        assert "secret" not in repr(result)

    def test_redirect_to_self_without_a_cookie_is_asked_once(self) -> None:
        with serve({"/x": redirect("/x")}) as server:
            assert fetch(f"{server.base_url}/x").outcome == Outcome.REDIRECT_LOOP
            assert len(server.requests) == 1

    def test_refused_redirect_tells_who_answered_and_where_it_led(self) -> None:
        with serve({"/x": redirect("http://elsewhere.example/y")}) as server:
            fetcher = make_fetcher(allowed_hosts=lambda host: host == "127.0.0.1")
            result = fetch(f"{server.base_url}/x", fetcher=fetcher)
            assert (result.final_url, result.status) == (f"{server.base_url}/x", 302)
            assert "elsewhere.example" in result.detail

    def test_chain_ends_after_five_hops(self) -> None:
        with serve({f"/{hop}": redirect(f"/{hop + 1}") for hop in range(20)}) as server:
            assert fetch(f"{server.base_url}/0").outcome == Outcome.REDIRECT_LOOP
            assert len(server.requests) == 6

    def test_five_hops_arrive(self) -> None:
        replies: dict[str, Reply] = {f"/{hop}": redirect(f"/{hop + 1}") for hop in range(5)}
        with serve(replies | {"/5": write_answer()}) as server:
            assert fetch(f"{server.base_url}/0").outcome == Outcome.STORED

    @pytest.mark.parametrize(
        "location",
        [
            "http://elsewhere.example/x",
            "ftp://127.0.0.1/x",
            "javascript:alert(1)",
            "file:///etc/passwd",
            "http://a@127.0.0.1/",
        ],
    )
    def test_redirect_off_the_list_is_not_followed(self, location: str) -> None:
        fetcher = make_fetcher(allowed_hosts=lambda host: host == "127.0.0.1")
        with serve({"/x": redirect(location)}) as server:
            assert fetch(f"{server.base_url}/x", fetcher=fetcher).outcome == Outcome.REDIRECT_OFFSITE

    @pytest.mark.parametrize(("status", "method"), [(302, b"GET"), (303, b"GET"), (307, b"POST"), (308, b"POST")])
    def test_method_after_a_redirect(self, status: int, method: bytes) -> None:
        with serve({"/x": redirect("/y", status=f"{status} R"), "/y": write_answer()}) as server:
            make_fetcher().fetch(FetchRequest(SiteRequest(f"{server.base_url}/x", Role.LIST, "POST", (("a", "1"),))))
            assert server.requests[1].startswith(method + b" /y")
            assert (b"a=1" in server.requests[1]) == (method == b"POST")

    def test_hop_is_judged_before_it_is_asked(self) -> None:
        judged: list[str] = []

        def judge(url: str) -> Outcome | None:
            judged.append(url)
            return Outcome.ROBOTS

        with serve({"/x": redirect("/private"), "/private": write_answer()}) as server:
            result = make_fetcher().fetch(FetchRequest(SiteRequest(f"{server.base_url}/x", Role.REPORT)), judge)
            assert server.paths() == ["/x"]
        assert (result.outcome, judged) == (Outcome.ROBOTS, [f"{server.base_url}/private"])

    def test_wait_before_a_hop_is_no_time_of_the_server(self) -> None:
        now = [0.0]

        def wait(url: str) -> Outcome | None:
            now[0] += 1_000
            return None

        fetcher = make_fetcher(network=Network(clock=lambda: now[0]))
        with serve({"/x": redirect("/y"), "/y": write_answer()}) as server:
            result = fetcher.fetch(FetchRequest(SiteRequest(f"{server.base_url}/x", Role.REPORT)), wait)
        assert (result.outcome, result.elapsed_ms) == (Outcome.STORED, 0)

    def test_report_that_leads_to_the_front_page_is_missing(self) -> None:
        with serve({"/a/x": redirect("/"), "/": write_answer()}) as server:
            assert fetch(f"{server.base_url}/a/x").outcome == Outcome.SOFT404


class TestRules:
    def test_host_off_the_list_is_not_asked(self) -> None:
        with serve({"/x": write_answer()}) as server:
            result = fetch(f"{server.base_url}/x", fetcher=make_fetcher(allowed_hosts=lambda host: False))
            assert (result.outcome, server.connections) == (Outcome.OFF_LIST, 0)

    @pytest.mark.parametrize(
        "url", ["", "x", "ftp://a.gov.cn/", "http://", "http://a.gov.cn:99999/", "http://[::1", "https://u:p@a.gov.cn/"]
    )
    def test_what_is_no_address_is_not_asked(self, url: str) -> None:
        assert fetch(url).outcome == Outcome.OFF_LIST

    @pytest.mark.parametrize("url", ["https://a.gov.cn:22/", "http://a.gov.cn:8080/"])
    def test_undeclared_port_is_not_asked(self, url: str) -> None:
        assert fetch(url, fetcher=make_fetcher(allow_loopback=False)).outcome == Outcome.OFF_LIST

    @pytest.mark.parametrize(("tls", "port"), [("auto", 443), ("plain", 80)])
    def test_http_is_asked_over_https_unless_an_override_permits_it(self, tls: str, port: int) -> None:
        tried: list[int] = []

        def connect(address: tuple[str, int], timeout: float) -> socket.socket:
            tried.append(address[1])
            raise TimeoutError

        fetcher = make_fetcher(
            allow_loopback=False,
            overrides=parse_overrides({"a.gov.cn": {"tls": tls, "reason": "a test"}}),
            network=Network(resolve=lambda host, allows_ipv6: ("8.8.8.8",)),
        )
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(socket, "create_connection", connect)
            result = fetch("http://a.gov.cn/x", fetcher=fetcher)
        assert (result.outcome, tried) == (Outcome.CONNECT_TIMEOUT, [port])

    def test_site_that_leads_back_to_http_is_told_apart(self) -> None:
        def answer(target: object, rung: object, attempt: object) -> object:
            return _Answer(Outcome.STORED, status=302, headers=(("location", "http://a.gov.cn/x"),))

        fetcher = make_fetcher(allow_loopback=False)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(fetcher, "_ask", answer)
            result = fetch("http://a.gov.cn/x", fetcher=fetcher)
        assert (result.outcome, result.final_url) == (Outcome.REDIRECT_LOOP, "https://a.gov.cn/x")
        assert "tls = 'plain'" in result.detail

    @pytest.mark.parametrize("allowed", [True, False])
    def test_ipv6_is_asked_for_only_where_an_override_allows_it(self, allowed: bool) -> None:
        wanted: list[bool] = []

        def resolve(host: str, allows_ipv6: bool) -> tuple[str, ...]:
            wanted.append(allows_ipv6)
            raise socket.gaierror(socket.EAI_NONAME, "no such host")

        overrides = parse_overrides({"*.gov.cn": {"allows_ipv6": allowed, "reason": "a test"}})
        fetcher = make_fetcher(overrides=overrides, network=Network(resolve=resolve))
        assert fetch("https://a.gov.cn/", fetcher=fetcher).outcome == Outcome.DNS
        assert wanted == [allowed]

    @pytest.mark.parametrize(
        ("error", "outcome"),
        [
            (TimeoutError(), Outcome.CONNECT_TIMEOUT),
            (ConnectionRefusedError(), Outcome.REFUSED),
            (OSError(113, "No route to host"), Outcome.REFUSED),
            (ConnectionResetError(), Outcome.RESET),
        ],
    )
    def test_failed_connection_has_its_outcome(self, error: OSError, outcome: Outcome) -> None:
        def connect(address: tuple[str, int], timeout: float) -> socket.socket:
            raise error

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(socket, "create_connection", connect)
            assert fetch("http://127.0.0.1:9/").outcome == outcome


@pytest.mark.parametrize("make", [lambda: (_ for _ in ()).throw(RuntimeError("x")), lambda: 1 / 0])
def test_whatever_breaks_inside_is_a_result(make: Callable[[], object]) -> None:
    def resolve(host: str, allows_ipv6: bool) -> tuple[str, ...]:
        make()
        return ()

    def judge(host: str) -> bool:
        make()
        return True

    assert fetch("http://127.0.0.1/", fetcher=make_fetcher(network=Network(resolve=resolve))).outcome == Outcome.DNS
    assert fetch("http://a.gov.cn/", fetcher=make_fetcher(allowed_hosts=judge)).outcome == Outcome.PROTOCOL


@pytest.mark.parametrize(
    "agent",
    ["", "Mozilla/5.0 (Windows NT 10.0)", "bot/1", "Mozilla/5.0 (+https://a.org; a@a.org)", "bot/1 (+https://a.org)"],
)
def test_agent_that_hides_who_crawls_is_refused(agent: str) -> None:
    with pytest.raises(ValueError, match="user agent"):
        Fetcher(user_agent=agent, allowed_hosts=lambda host: True)


def test_agent_has_a_product_token() -> None:
    assert check_user_agent(make_user_agent("1.2", "https://example.org", "a@example.org")) == "ToumingBot"
