"""Fetching: one attempt at one request, redirects included, with every way it can end as a value.

Belongs here: hops, the ladder of encryption, cookies, what an answer came to. Does not belong here: when a host may be
asked (policy.py), whether robots.txt permits it (robots.py), retrying, and keeping bytes (the archive).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from urllib.parse import urlencode

import urllib3

from pipeline.crawl.addresses import AddressRules, Refusal, Target, resolve_location
from pipeline.crawl.answers import load_answer_words
from pipeline.crawl.bodies import BodyTooLargeError, gather_body, inflate_body
from pipeline.crawl.cookies import CookieJar
from pipeline.crawl.failures import Stage, name_failure
from pipeline.crawl.guard import Resolve, resolve_host
from pipeline.crawl.headers import Headers, bound_headers, list_cookies, write_headers
from pipeline.crawl.limits import FetchLimits, check_user_agent
from pipeline.crawl.model import FetchRequest, FetchResult, Outcome
from pipeline.crawl.tls import Rung, RungMemory, choose_next_rung, load_context
from pipeline.crawl.verdicts import WITH_BODY, judge_page, judge_status, read_retry_after
from pipeline.crawl.wire import Opening, Timing, make_connection
from pipeline.sources.overrides import TLS_AUTO, HostOverride, find_override

# Asked before every hop behind the first; it may wait for the host's turn. An outcome stops the attempt there
JudgeHop = Callable[[str], Outcome | None]

_REDIRECTS = (301, 302, 303, 307, 308)
_HTTP_ONLY = "a site that leads from https back to http needs tls = 'plain' in overrides.toml"
_TLS_FAILURES = (Outcome.TLS_CERT, Outcome.TLS_HANDSHAKE)
_KEEPS_METHOD = (307, 308)
_CHUNK_BYTES = 65_536
_NO_OVERRIDES: Mapping[str, HostOverride] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Network:
    """What lies around fetching: the resolver, the clocks (seconds, monotonic and of the day), roots to trust."""

    resolve: Resolve = resolve_host
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], float] = time.time
    ca_file: str = ""


@dataclass(frozen=True, slots=True)
class _Answer:
    """One hop's answer, or why there is none (outcome other than STORED)."""

    outcome: Outcome
    detail: str = ""
    status: int | None = None
    headers: Headers = ()
    body: bytes | None = None
    remote_address: str = ""
    http_version: str = ""
    rung: Rung | None = None

    def find(self, name: str) -> str:
        """The first value of a header, '' where it is missing."""
        return next((value for found, value in self.headers if found == name), "")


@dataclass(slots=True)
class _Attempt:
    """What one call of fetch keeps track of. deadline moves when a hop had to wait; elapsed leaves waits out."""

    request: FetchRequest
    deadline: float
    started: float
    method: str
    url: str
    visited: set[str] = field(default_factory=set)
    waited: float = 0.0


class Fetcher:
    """Fetches over connections of its own, one per hop, never through a proxy. Safe to share between threads.

    Nothing idle is kept open: with seconds between two requests a kept connection is mostly found closed, and looks
    like a failure. Cookies and the rung of each host live as long as the fetcher: one run.
    """

    def __init__(
        self,
        *,
        user_agent: str,
        allowed_hosts: Callable[[str], bool],
        limits: FetchLimits | None = None,
        overrides: Mapping[str, HostOverride] = _NO_OVERRIDES,
        allow_loopback: bool = False,
        network: Network | None = None,
    ) -> None:
        """ValueError for a user agent that does not say who crawls (limits.make_user_agent makes one).

        OSError where the network's ca_file can't be read.
        """
        self.product = check_user_agent(user_agent)
        self._user_agent = user_agent
        self._limits = limits or FetchLimits()
        self._network = network or Network()
        self._overrides = overrides
        self._rules = AddressRules(allowed_hosts, self._find_override, allow_loopback)
        self._cookies = CookieJar()
        self._rungs = RungMemory()
        # What is wrong with our own files shall end a run before it begins
        load_answer_words()
        load_context(Rung.STRICT, self._network.ca_file)

    def fetch(self, request: FetchRequest, judge_hop: JudgeHop | None = None) -> FetchResult:
        """One attempt. Never raises: whatever happens is the result's outcome, with a sentence in detail."""
        started = self._network.clock()
        attempt = _Attempt(
            request, started + self._limits.total_seconds, started, request.site.method, request.site.url
        )
        try:
            answer = self._follow(attempt, judge_hop)
            outcome, detail = _judge(attempt, answer)
        # Whatever a server makes a library do, a night goes on; the kind of error is kept
        except Exception as error:
            outcome, detail = Outcome.PROTOCOL, f"{type(error).__name__} while fetching"
            answer = _Answer(outcome)
        return self._make_result(attempt, replace(answer, outcome=outcome, detail=detail))

    def find_target(self, url: str) -> Target | Refusal:
        """Where a request for an address would go, or why nowhere."""
        return self._rules.judge(url)

    def _find_override(self, host: str) -> HostOverride | None:
        return find_override(self._overrides, host)

    def _follow(self, attempt: _Attempt, judge_hop: JudgeHop | None) -> _Answer:
        """Ask hop by hop until something other than a redirect answers."""
        answer, location, is_news = _Answer(Outcome.STORED), attempt.url, True
        for hop in range(self._limits.max_redirects + 1):
            target = self._find_next(attempt, location, is_news, judge_hop if hop else None)
            if isinstance(target, Refusal):
                return replace(answer, outcome=target.outcome, detail=target.detail)
            attempt.url = target.url
            attempt.visited.add(target.url)
            answer = self._climb(target, attempt)
            is_news = self._cookies.store(target.host, list_cookies(answer.headers))
            if answer.status not in _REDIRECTS:
                return answer
            location = resolve_location(attempt.url, answer.find("location"))
            if not answer.find("location") or not location:
                return replace(answer, outcome=Outcome.PROTOCOL, detail=f"status {answer.status} names no address")
            if answer.status not in _KEEPS_METHOD:
                attempt.method = "GET"
        detail = f"more than {self._limits.max_redirects} redirects"
        return replace(answer, outcome=Outcome.REDIRECT_LOOP, detail=detail)

    def _find_next(
        self, attempt: _Attempt, location: str, is_news: bool, judge_hop: JudgeHop | None
    ) -> Target | Refusal:
        """Where the next request goes. The wait for a turn, if any, is not part of the attempt's time.

        is_news says that a cookie came with the redirect: the same address may then answer otherwise.
        """
        target = self._rules.judge(location)
        if isinstance(target, Refusal):
            is_offsite = bool(attempt.visited) and target.outcome == Outcome.OFF_LIST
            return Refusal(Outcome.REDIRECT_OFFSITE, target.detail) if is_offsite else target
        if target.url in attempt.visited and not is_news:
            return Refusal(Outcome.REDIRECT_LOOP, f"redirected in a circle to {location[:200]}; {_HTTP_ONLY}")
        if judge_hop is None:
            return target
        before = self._network.clock()
        outcome = judge_hop(target.url)
        waited = self._network.clock() - before
        attempt.deadline += waited
        attempt.waited += waited
        return target if outcome is None else Refusal(outcome, f"redirected to {target.url}"[:300])

    def _climb(self, target: Target, attempt: _Attempt) -> _Answer:
        """Ask one address, with weaker encryption where a host leaves no choice; the rung that answers is kept."""
        if target.scheme == "http":
            return self._ask(target, Rung.PLAIN, attempt)
        override = self._find_override(target.host)
        permitted = override.tls if override else TLS_AUTO
        rung = self._rungs.recall(target.host, permitted)
        while True:
            answer = self._ask(target, rung, attempt)
            if answer.status is not None:
                self._rungs.keep(target.host, rung)
                return answer
            following = choose_next_rung(rung, answer.outcome, answer.detail, permitted)
            if following is None or self._network.clock() >= attempt.deadline:
                if answer.outcome in _TLS_FAILURES:
                    self._rungs.forget(target.host)
                return answer
            rung = following

    def _ask(self, target: Target, rung: Rung, attempt: _Attempt) -> _Answer:
        """One request over one connection, its answer read to the end."""
        timing = Timing(attempt.deadline, self._limits.read_seconds, self._network.clock)
        override = self._find_override(target.host)
        stage = Stage.RESOLVE
        connection = None
        port = 80 if rung == Rung.PLAIN and target.port == 443 else target.port
        try:
            addresses = self._network.resolve(target.host, bool(override and override.allows_ipv6))
            opening = Opening(addresses, self._limits.connect_seconds, self._rules.allow_loopback)
            context = None if rung == Rung.PLAIN else load_context(rung, self._network.ca_file)
            connection = make_connection(target.host, port, opening, timing, context)
            stage = Stage.CONNECT
            connection.connect()
            stage = Stage.EXCHANGE
            connection.request(
                attempt.method,
                target.target,
                body=_write_form(attempt),
                headers=write_headers(
                    attempt.request,
                    attempt.method,
                    self._user_agent,
                    self._cookies.write_header(target.host, rung != Rung.PLAIN),
                ),
                preload_content=False,
                decode_content=False,
            )
            response = connection.getresponse()
            stage = Stage.BODY
            return replace(self._read(response, attempt), rung=rung, remote_address=connection.remote_address)
        except Exception as error:
            if stage == Stage.CONNECT and connection is not None and connection.remote_address:
                stage = Stage.TLS
            outcome, detail = name_failure(error, stage)
            remote = connection.remote_address if connection is not None else ""
            return _Answer(outcome, detail, remote_address=remote, rung=rung)
        finally:
            if connection is not None:
                connection.close()

    def _read(self, response: urllib3.HTTPResponse, attempt: _Attempt) -> _Answer:
        """Status, headers and body of an answer whose headers have arrived."""
        headers = tuple((name.lower(), value) for name, value in response.headers.iteritems())
        answer = _Answer(Outcome.STORED, status=response.status, headers=headers, http_version=response.version_string)
        try:
            if response.status in (204, 304) or response.status in _REDIRECTS:
                return replace(answer, body=b"")
            max_bytes = self._limits.cap_bytes(attempt.request.site.role, answer.find("content-type"))
            try:
                raw = gather_body(response.stream(_CHUNK_BYTES, decode_content=False), max_bytes)
            except BodyTooLargeError as error:
                return replace(answer, outcome=Outcome.TOO_LARGE, detail=str(error))
            except Exception as error:
                outcome, detail = name_failure(error, Stage.BODY)
                return replace(answer, outcome=outcome, detail=detail)
            inflated = inflate_body(raw, answer.find("content-encoding"), max_bytes, self._limits)
            return replace(answer, outcome=inflated.outcome, body=inflated.body, detail=inflated.detail)
        finally:
            response.close()

    def _make_result(self, attempt: _Attempt, answer: _Answer) -> FetchResult:
        elapsed = self._network.clock() - attempt.started - attempt.waited
        return FetchResult(
            request=attempt.request,
            outcome=answer.outcome,
            final_url=attempt.url,
            status=answer.status,
            headers=bound_headers(answer.headers),
            body=answer.body if answer.outcome in WITH_BODY else None,
            tls_mode=answer.rung.tls_mode if answer.rung else "",
            remote_address=answer.remote_address,
            http_version=answer.http_version,
            elapsed_ms=max(0, round(elapsed * 1000)),
            retry_after_seconds=read_retry_after(answer.find("retry-after"), self._network.now()),
            detail=answer.detail,
        )


def _judge(attempt: _Attempt, answer: _Answer) -> tuple[Outcome, str]:
    """The final outcome and its sentence. A status of refusal outweighs a body that did not arrive whole."""
    if answer.status is None or answer.status in _REDIRECTS:
        return answer.outcome, answer.detail
    if answer.outcome == Outcome.STORED:
        outcome, detail = judge_page(
            answer.status, answer.headers, answer.body or b"", attempt.request, attempt.url if attempt.visited else ""
        )
        return outcome, detail or answer.detail
    by_status = judge_status(answer.status, attempt.request)
    return by_status if by_status[0] != Outcome.STORED else (answer.outcome, answer.detail)


def _write_form(attempt: _Attempt) -> bytes | None:
    return urlencode(attempt.request.site.form).encode("ascii") if attempt.method == "POST" else None
