"""robots.txt is obeyed, and where it can't be had nothing is asked."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from pipeline.crawl.model import FetchRequest, Outcome
from pipeline.crawl.robots import MAX_CRAWL_DELAY_SECONDS, RobotsBook, RobotsVerdict
from pipeline.sources.model import Role, SiteRequest
from tests.unit.crawl.servers_for_tests import (
    PAGE,
    Reply,
    fetch,
    make_fetcher,
    redirect,
    reset_connection,
    serve,
    write_answer,
)

JSL = b"<script>document.cookie='__jsl_clearance_s=1;';location.href=location.pathname</script>"


def ask(reply: Reply, path: str = "/a/x.html", **others: Reply) -> RobotsVerdict:
    with serve({"/robots.txt": reply, **others}) as server:
        return RobotsBook(make_fetcher()).verdict(server.base_url + path)


def test_rules_permit_and_forbid() -> None:
    rules = write_answer(b"User-agent: *\nDisallow: /private/\nAllow: /private/open\nDisallow: /*.doc$\n")
    with serve({"/robots.txt": rules}) as server:
        book = RobotsBook(make_fetcher())
        allowed = [path for path in ("/", "/private/x", "/private/open", "/x.doc", "/x.docx", "/robots.txt")
                   if book.verdict(server.base_url + path).is_allowed]  # fmt: skip
        verdict = book.verdict(f"{server.base_url}/private/x")
        assert server.paths() == ["/robots.txt"]
    assert allowed == ["/", "/private/open", "/x.docx", "/robots.txt"]
    assert (verdict.outcome, book.judge(f"{server.base_url}/private/x")) == (Outcome.ROBOTS, Outcome.ROBOTS)


def test_our_own_name_wins_over_the_star() -> None:
    rules = b"User-agent: *\nDisallow: /\n\nUser-agent: ToumingBot\nDisallow: /b\nCrawl-delay: 7\n"
    verdict = ask(write_answer(rules), "/a")
    assert (verdict.is_allowed, verdict.crawl_delay_seconds) == (True, 7.0)
    assert ask(write_answer(rules), "/b").outcome == Outcome.ROBOTS


@pytest.mark.parametrize(
    ("written", "seconds"), [("5", 5.0), ("0.5", 0.5), ("86400", MAX_CRAWL_DELAY_SECONDS), ("soon", None)]
)
def test_crawl_delay_is_capped(written: str, seconds: float | None) -> None:
    assert ask(write_answer(f"User-agent: *\nCrawl-delay: {written}\n".encode())).crawl_delay_seconds == seconds


ALLOWING: dict[str, Reply] = {
    "404": write_answer(PAGE, status="404 Not Found"),
    "410": write_answer(PAGE, status="410 Gone"),
    "400": write_answer(PAGE, status="400 Bad Request"),
    "empty": write_answer(b""),
    "a_page": write_answer(PAGE),
    "says_not_found": write_answer("<html><title>404</title>您访问的页面不存在</html>".encode()),
    "sent_home": redirect("/"),
    "nonsense": write_answer(b"\xff\xfe\x00\x01 no rules here" * 50),
}


@pytest.mark.parametrize("name", ALLOWING)
def test_site_without_rules_is_open(name: str) -> None:
    verdict = ask(ALLOWING[name], **{"/": write_answer()})
    assert (verdict.is_allowed, verdict.outcome) == (True, None), verdict


REFUSING: dict[str, Reply] = {
    "401": write_answer(PAGE, status="401 Unauthorized"),
    "403": write_answer(PAGE, status="403 Forbidden"),
    "412": write_answer(PAGE, status="412 Precondition Failed"),
    "429": write_answer(PAGE, status="429 Slow Down"),
    "500": write_answer(PAGE, status="500 Oops"),
    "503": write_answer(PAGE, status="503 Busy"),
    "521": write_answer(JSL, status="521 "),
    "challenge": write_answer(JSL),
    "reset": reset_connection,
    "cut": b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\nUser-agent: *\n",
    "loop": redirect("/robots.txt"),
    "internal": redirect("http://169.254.169.254/robots.txt"),
}


@pytest.mark.parametrize("name", REFUSING)
def test_rules_that_can_not_be_had_forbid_everything_tonight(name: str) -> None:
    with serve({"/robots.txt": REFUSING[name]}) as server:
        book = RobotsBook(make_fetcher())
        first, second = book.verdict(f"{server.base_url}/a"), book.verdict(f"{server.base_url}/b")
        assert server.connections == 1
    assert (first.is_allowed, first.outcome) == (False, Outcome.ROBOTS_UNAVAILABLE)
    assert first.fetched is not None
    assert (second.outcome, second.fetched) == (Outcome.ROBOTS_UNAVAILABLE, None)


def test_redirected_rules_are_followed() -> None:
    rules = write_answer(b"User-agent: *\nDisallow: /\n")
    assert ask(redirect("/r.txt"), **{"/r.txt": rules}).outcome == Outcome.ROBOTS


def test_turn_is_waited_for_before_a_hop_to_the_rules() -> None:
    waited: list[str] = []
    with serve({"/robots.txt": redirect("/r.txt"), "/r.txt": write_answer(b"")}) as server:
        assert RobotsBook(make_fetcher()).verdict(f"{server.base_url}/a", waited.append).is_allowed
        assert waited == [f"{server.base_url}/r.txt"]


def test_many_threads_fetch_the_rules_once() -> None:
    with (
        serve({"/robots.txt": write_answer(b"User-agent: *\nDisallow: /b\n")}) as server,
        ThreadPoolExecutor(8) as pool,
    ):
        book = RobotsBook(make_fetcher())
        outcomes = [*pool.map(book.judge, [f"{server.base_url}/{name}" for name in "abababab"])]
        assert (outcomes, len(server.requests)) == ([None, Outcome.ROBOTS] * 4, 1)


def test_rules_are_fetched_again_after_a_day_or_when_forgotten() -> None:
    now = [0.0]
    with serve({"/robots.txt": write_answer(b"")}) as server:
        book, url = RobotsBook(make_fetcher(), now=lambda: now[0]), f"{server.base_url}/a"
        assert book.needs_fetch(url)
        book.verdict(url)
        now[0] = 86_399.0
        assert not book.needs_fetch(url)
        now[0] = 86_400.0
        assert book.needs_fetch(url)
        book.verdict(url)
        book.forget(url)
        assert book.needs_fetch(url)
        assert len(server.requests) == 2


def test_host_off_the_list_costs_no_request() -> None:
    with serve({}) as server:
        book = RobotsBook(make_fetcher(allowed_hosts=lambda host: False))
        assert book.verdict(f"{server.base_url}/a").outcome == Outcome.OFF_LIST
        assert not book.needs_fetch(f"{server.base_url}/a")
        assert server.connections == 0


def test_redirect_into_a_forbidden_folder_is_not_followed() -> None:
    rules = write_answer(b"User-agent: *\nDisallow: /private\n")
    with serve({"/robots.txt": rules, "/x": redirect("/private/x"), "/private/x": write_answer()}) as server:
        fetcher = make_fetcher()
        book = RobotsBook(fetcher)
        result = fetcher.fetch(FetchRequest(SiteRequest(f"{server.base_url}/x", Role.REPORT)), book.judge)
        assert result.outcome == Outcome.ROBOTS
        assert "/private/x" not in server.paths()
        assert fetch(f"{server.base_url}/private/x").outcome == Outcome.STORED


@pytest.mark.parametrize("line", [b"Disallow: /" + b"*a" * 900, b"Disallow: /" + b"x" * 100_000, b"\0" * 5_000])
def test_hostile_rules_end_in_a_verdict(line: bytes) -> None:
    verdict = ask(write_answer(b"User-agent: *\n" + line + b"\nDisallow: /private\n"), "/" + "a" * 300)
    assert verdict.outcome in (None, Outcome.ROBOTS, Outcome.ROBOTS_UNAVAILABLE)
