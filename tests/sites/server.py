"""Serving sites on addresses of 127.0.0.0/8: one thread with one loop for any number of them, and a log of requests.

Belongs here: sockets, applying faults to answers, how an answer is sent. Does not belong here: what a site publishes
(content.py) and which faults there are (faults.py).
"""

from __future__ import annotations

import asyncio
import gzip
import itertools
import re
import socket
import ssl
import struct
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from tests.sites.certificates import make_server_context
from tests.sites.content import NOT_FOUND, SiteContent
from tests.sites.faults import (
    MALFORMED,
    METADATA_URL,
    OFFSITE_URL,
    TRANSIENT,
    list_outcomes,
    make_bomb,
    make_hostile_zip,
    write_challenge,
    write_malformed,
)
from tests.sites.model import Answer, Document, SitePlan, Visit

_MAX_HEAD = 65_536
_TRICKLE_PIECES = 8
_TRAVERSING_HEADER = (("Content-Disposition", 'attachment; filename="../../../../touming-escaped.zip"'),)
# What a redirect of ours adds to an address
_MARK_OF_REDIRECT = re.compile(r"[?&](?:moved|t)=")
_numbers = itertools.count()
_SOFT_404 = "<html><body>您访问的页面不存在或已被删除！</body></html>"
_REASONS = {200: "OK", 301: "Moved Permanently", 302: "Found", 304: "Not Modified", 404: "Not Found"}


class RunningSite:
    """One site while it is served. Counts and log are those of the whole life of the site.

    base_url has no slash at its end. log holds every request in order of arrival, with seconds of time.monotonic.
    """

    def __init__(self, content: SiteContent, host: str, port: int) -> None:
        self.content = content
        self.plan = content.plan
        self.host = host
        self.port = port
        scheme = "https" if content.plan.tls else "http"
        self.base_url = f"{scheme}://{host}:{port}"
        self.column_url = self.base_url + content.column_path
        self.log: list[Visit] = []
        self.sent_bodies: Counter[str] = Counter()
        self._visits: Counter[str] = Counter()

    @property
    def expected_reports(self) -> frozenset[str]:
        """Addresses of the report pages that its lists lead to, whether or not faults let them be had."""
        listed = self.content.list_documents()
        return frozenset(self.base_url + each.path for each in listed if not each.is_file)

    @property
    def expected_attachments(self) -> frozenset[str]:
        """Addresses of the files of those reports, and of the files that stand in its lists themselves."""
        files = (file for each in self.content.list_documents() for file in each.attachments)
        return frozenset(self.base_url + file.path for file in files)

    @property
    def unavailable(self) -> dict[str, tuple[str, ...]]:
        """Expected addresses that cannot be had, with the names of the outcomes they may end with."""
        return {url: list_outcomes(kind) for url, kind in self.faults_by_url.items() if list_outcomes(kind)}

    @property
    def faults_by_url(self) -> dict[str, str]:
        """Every expected address that suffers a fault, with its kind."""
        chosen = {url: self.find_fault(url.removeprefix(self.base_url)) for url in self.expected}
        return {url: kind for url, kind in chosen.items() if kind}

    @property
    def expected(self) -> frozenset[str]:
        """Addresses of all report pages and files."""
        return self.expected_reports | self.expected_attachments

    @property
    def obtainable(self) -> frozenset[str]:
        """Addresses that a crawl must have in the end: what has no lasting fault and hangs on no page that has one."""
        missing = self.unavailable
        reached: set[str] = set()
        for document in self.content.list_documents():
            page = self.base_url + document.path
            if page not in missing:
                reached.add(page)
            # The Guangdong platform names files in its list; elsewhere only the page does
            if page not in missing or self.plan.family == "gkmlpt":
                reached.update(self.base_url + file.path for file in document.attachments)
        return frozenset(reached - missing.keys())

    def find_document(self, url: str) -> Document | None:
        """The report behind an address, None where it is none."""
        found = self.content.find_document(url.removeprefix(self.base_url))
        return found[0] if found else None

    def read_body(self, url: str) -> bytes:
        """The bytes of a document as they are tonight (a page with counters has other ones in each answer)."""
        path = url.removeprefix(self.base_url)
        found = self.content.find_document(path)
        if found is None:
            raise KeyError(f"{url} is no document of this site")
        return self.content.write_document(path, found).body

    def change(self, url: str) -> None:
        """From now on the document prints other figures, with another ETag and the same Last-Modified."""
        path = url.removeprefix(self.base_url)
        self.content.versions[path] = self.content.versions.get(path, 0) + 1

    def remove(self, url: str) -> None:
        """From now on the document is not there, and no list leads to it."""
        self.content.removed.add(url.removeprefix(self.base_url))

    def add_document(self) -> str:
        """One more report at the top of the column; its address."""
        return self.base_url + self.content.add_document().path

    def list_gaps(self) -> list[float]:
        """Seconds between the arrivals of requests one after another."""
        times = sorted(visit.time for visit in self.log)
        return [later - earlier for earlier, later in itertools.pairwise(times)]

    def find_fault(self, path: str) -> str:
        """The fault that an address suffers, '' for none."""
        found = self.content.find_document(path)
        is_file = found is not None and found[1] is not None
        return self.plan.faults.choose(path, found is not None, is_file)

    def answer(self, visit: Visit) -> Answer:
        """The answer to one request, with its fault."""
        self.log.append(visit)
        self._visits[visit.path] += 1
        is_robots = visit.path.startswith("/robots")
        if self.plan.challenge and not is_robots:
            status, headers, body = write_challenge(self.plan.challenge)
            return Answer(body, "text/html; charset=utf-8", status, tuple(headers.items()))
        path = _MARK_OF_REDIRECT.split(visit.path)[0]
        answer = self.content.answer(replace(visit, path=path))
        kind = "" if is_robots else self.find_fault(path)
        # Where a redirect led, the document is
        if kind and not (kind in ("moved", "gbk_location") and path != visit.path):
            answer = self._spoil(kind, visit, answer)
        if answer.status == 200 and (answer.etag or answer.last_modified or self.plan.validators == "none"):
            self.sent_bodies[visit.path] += 1
        return answer

    def _spoil(self, kind: str, visit: Visit, answer: Answer) -> Answer:
        faults = self.plan.faults
        if kind in TRANSIENT:
            return self._fail_once(kind, answer) if self._visits[visit.path] <= faults.repeats else answer
        if kind in MALFORMED:
            return answer if answer.status != 200 else _malform(kind, visit, answer)
        if kind in ("moved", "cookie"):
            return self._redirect(kind, visit, answer)
        lasting = {
            "trickle": lambda: replace(answer, conduct="trickle"),
            "redirect_to": lambda: self._lead_away(visit.path),
            "redirect_loop": lambda: _move(visit.path),
            "redirect_metadata": lambda: _move(METADATA_URL),
            "redirect_offsite": lambda: _move(OFFSITE_URL),
            "redirect_file": lambda: _move("file:///etc/passwd"),
            "missing": lambda: NOT_FOUND,
            "soft404": lambda: Answer(_SOFT_404.encode(self.plan.charset)),
            "gzip_bomb": lambda: Answer(make_bomb("gzip"), headers=(("Content-Encoding", "gzip"),)),
            "deflate_bomb": lambda: Answer(make_bomb("deflate"), headers=(("Content-Encoding", "deflate"),)),
            "zip_bomb": lambda: Answer(make_hostile_zip(kind), "application/zip"),
            "zip_traversal": lambda: Answer(make_hostile_zip(kind), "application/zip", headers=_TRAVERSING_HEADER),
            "too_large": lambda: replace(answer, conduct="endless"),
            "always_500": lambda: Answer(b"<html><body>error</body></html>", status=500),
            "error_page": lambda: Answer(
                "<html><body><p>系统繁忙，请稍后再试</p></body></html>".encode(self.plan.charset)
            ),
        }
        return lasting[kind]()

    def _lead_away(self, path: str) -> Answer:
        document = self.find_document(self.base_url + path)
        targets = self.plan.faults.targets
        return _move(targets[document.number % len(targets)] if document else path)

    def _fail_once(self, kind: str, answer: Answer) -> Answer:
        wait = (("Retry-After", self.plan.faults.retry_after),) if self.plan.faults.retry_after else ()
        failing = {
            "busy_503": Answer(b"busy", status=503, headers=wait),
            "limited_429": Answer(b"slow down", status=429, headers=wait),
            "server_500": Answer(b"error", status=500),
            "reset": replace(answer, conduct="reset"),
            "closed": replace(answer, conduct="close"),
            "truncated": replace(answer, conduct="truncate"),
            "chunk_cut": replace(answer, conduct="chunk_cut"),
        }
        return failing[kind]

    def _redirect(self, kind: str, visit: Visit, answer: Answer) -> Answer:
        if kind == "moved":
            return _move(f"{visit.path}{'&' if '?' in visit.path else '?'}moved=1")
        if "COLLCK=1" in visit.headers.get("cookie", ""):
            return answer
        return Answer(status=302, headers=(("Location", visit.path), ("Set-Cookie", "COLLCK=1; path=/")))


class SiteServer:
    """Serves sites from one thread. Use it as a context manager; sites may be added while it runs."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="local-sites", daemon=True)
        self._servers: list[asyncio.Server] = []
        self.sites: list[RunningSite] = []

    def __enter__(self) -> SiteServer:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def add(self, plan: SitePlan) -> RunningSite:
        """Serve one more site on a loopback address of its own and a free port."""
        listening = _listen()
        host, port = listening.getsockname()
        site = RunningSite(SiteContent(plan), host, port)
        self._run(self._serve(site, listening))
        self.sites.append(site)
        return site

    def _run(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    async def _serve(self, site: RunningSite, listening: socket.socket) -> None:
        context: ssl.SSLContext | None = make_server_context(site.plan.tls) if site.plan.tls else None

        async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                while (visit := await _read_visit(reader)) is not None:
                    if not await send_answer(site, visit, site.answer(visit), writer):
                        break
            except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError, TimeoutError):
                pass
            finally:
                writer.close()

        self._servers.append(await asyncio.start_server(converse, sock=listening, ssl=context, limit=_MAX_HEAD))

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        waiting = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


@contextmanager
def start_site(family: str, dialect: str = "", **options: Any) -> Iterator[RunningSite]:
    """One site of a family while the block runs; options are the fields of SitePlan."""
    with SiteServer() as server:
        yield server.add(SitePlan(family, dialect, **options))


@contextmanager
def start_sites(plans: Sequence[SitePlan]) -> Iterator[list[RunningSite]]:
    """Several sites while the block runs, each on an address of its own."""
    with SiteServer() as server:
        for plan in plans:
            server.add(plan)
        yield server.sites


async def send_answer(site: RunningSite, visit: Visit, answer: Answer, writer: asyncio.StreamWriter) -> bool:
    """Send one answer as its conduct says; whether the connection may go on.

    plain. close: nothing is sent. reset: half of it, then RST. truncate: half of what the head promised. chunk_cut:
    chunks without the last. trickle: in pieces, over the plan's trickle_seconds. endless: a length of a terabyte.
    """
    if answer.conduct == "close":
        return False
    if answer.raw:
        writer.write(answer.raw)
        await writer.drain()
        return False
    body, coding = _encode_body(visit, answer)
    if answer.conduct in ("reset", "truncate", "chunk_cut"):
        await _break_off(writer, answer, body)
        return False
    length = 10**12 if answer.conduct == "endless" else len(body)
    writer.write(_write_head(answer, ("Content-Length", str(length)), coding))
    if answer.conduct == "trickle":
        await _trickle(writer, body, site.plan.faults.trickle_seconds)
    elif visit.method != "HEAD" and answer.status != 304:
        writer.write(body)
    await writer.drain()
    while answer.conduct == "endless":
        writer.write(b" " * 65_536)
        await writer.drain()
    return visit.headers.get("connection", "").lower() != "close"


def _encode_body(visit: Visit, answer: Answer) -> tuple[bytes, str]:
    """The body as it travels, and its coding: pages are compressed for whoever accepts that."""
    has_coding = any(name == "Content-Encoding" for name, _ in answer.headers)
    is_page = answer.content_type.startswith("text/html") and answer.status == 200 and not has_coding
    if is_page and answer.conduct in ("plain", "trickle") and "gzip" in visit.headers.get("accept-encoding", ""):
        return gzip.compress(answer.body, 1), "gzip"
    return answer.body, ""


async def _break_off(writer: asyncio.StreamWriter, answer: Answer, body: bytes) -> None:
    if answer.conduct == "chunk_cut":
        writer.write(_write_head(answer, ("Transfer-Encoding", "chunked"), ""))
        writer.write(b"%x\r\n%s\r\n" % (len(body), body))
    else:
        writer.write(_write_head(answer, ("Content-Length", str(len(body))), ""))
        writer.write(body[: len(body) // 2])
    await writer.drain()
    if answer.conduct == "reset":
        raw = writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _write_head(answer: Answer, length: tuple[str, str], coding: str) -> bytes:
    fields = [("Date", "Sat, 20 Jan 2024 00:00:00 GMT"), ("Content-Type", answer.content_type), length]
    fields += answer.headers
    fields += [
        (name, value) for name, value in (("ETag", answer.etag), ("Last-Modified", answer.last_modified)) if value
    ]
    fields += [("Content-Encoding", coding)] if coding else []
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields)
    return f"HTTP/1.1 {answer.status} {_REASONS.get(answer.status, 'Answer')}\r\n{lines}\r\n".encode("latin-1")


async def _trickle(writer: asyncio.StreamWriter, body: bytes, seconds: float) -> None:
    step = max(1, -(-len(body) // _TRICKLE_PIECES))
    for at in range(0, len(body), step):
        writer.write(body[at : at + step])
        await writer.drain()
        await asyncio.sleep(seconds / _TRICKLE_PIECES)


async def _read_visit(reader: asyncio.StreamReader) -> Visit | None:
    """The next request, None at the end of the connection."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = {
        name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)
    }
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    path = urlsplit(target).path if target.startswith("http") else target
    return Visit(time.monotonic(), method, path, headers, body)


def _malform(kind: str, visit: Visit, answer: Answer) -> Answer:
    return replace(answer, raw=write_malformed(kind, answer.body, answer.content_type, visit.path))


def _move(address: str) -> Answer:
    return Answer(status=301, headers=(("Location", address),))


def _listen() -> socket.socket:
    """A listening socket on the next loopback address; on 127.0.0.1 where the system has only that one."""
    number = next(_numbers)
    host = f"127.{80 + number // 62_500}.{number // 250 % 250}.{number % 250 + 1}"
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, 0))
    except OSError:
        listening.bind(("127.0.0.1", 0))
    listening.listen(128)
    listening.setblocking(False)
    return listening
