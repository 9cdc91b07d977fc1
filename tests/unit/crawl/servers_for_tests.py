"""Small servers on 127.0.0.1 that answer each path with bytes of their own, however broken, and note what was asked."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator, Mapping

from pipeline.crawl.limits import FetchLimits, make_user_agent
from pipeline.crawl.model import FetchRequest, FetchResult
from pipeline.crawl.net import Fetcher, Network
from pipeline.sources.model import Role, SiteRequest

AGENT = make_user_agent("0.1", "https://example.org/crawl", "crawl@example.org")
PAGE = "<html><body><h1>某某局政府信息公开工作年度报告</h1></body></html>".encode()
# The first byte of a client that wants to encrypt
TLS_HELLO = b"\x16"
# What a path is answered with: bytes, or a function that does as it likes with the connection
Reply = bytes | Callable[[socket.socket, bytes], None]


def write_answer(body: bytes = PAGE, *headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def redirect(location: str, *headers: str, status: str = "302 Found") -> bytes:
    return write_answer(b"", f"Location: {location}", *headers, status=status)


def reset_connection(connection: socket.socket, head: bytes) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


class Server:
    """One server. requests holds head and body of everything asked, in order; connections counts what was opened."""

    def __init__(self, replies: Mapping[str, Reply], context: ssl.SSLContext | None = None) -> None:
        self.replies, self.context = dict(replies), context
        self.requests: list[bytes] = []
        self.connections = 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self.base_url = f"{'https' if context else 'http'}://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def paths(self) -> list[str]:
        return [request.split(b" ", 2)[1].decode("latin-1") for request in self.requests]

    def stop(self) -> None:
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                accepted = self._listening.accept()[0]
            except OSError:
                return
            self.connections += 1
            # One at a time: a crawl has one request in flight per host
            with contextlib.suppress(OSError), accepted:
                accepted.settimeout(5)
                self._answer(accepted)

    def _answer(self, accepted: socket.socket) -> None:
        connection = self.context.wrap_socket(accepted, server_side=True) if self.context else accepted
        with contextlib.closing(connection):
            asked = read_request(connection)
            if not asked:
                return
            if asked.startswith(TLS_HELLO):
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                return
            self.requests.append(asked)
            reply = self.replies.get(asked.split(b" ", 2)[1].decode("latin-1"), write_answer(b"", status="404 No"))
            if callable(reply):
                reply(connection, asked)
            else:
                connection.sendall(reply)


def read_request(connection: socket.socket) -> bytes:
    asked = b""
    while b"\r\n\r\n" not in asked:
        piece = connection.recv(65_536)
        if not piece:
            return b""
        asked += piece
        if asked.startswith(TLS_HELLO):
            return asked
    head, _, body = asked.partition(b"\r\n\r\n")
    lengths = [int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    while lengths and len(body) < lengths[0]:
        body += connection.recv(65_536)
    return head + b"\r\n\r\n" + body


@contextlib.contextmanager
def serve(replies: Mapping[str, Reply], context: ssl.SSLContext | None = None) -> Iterator[Server]:
    server = Server(replies, context)
    try:
        yield server
    finally:
        server.stop()


def make_fetcher(**options: object) -> Fetcher:
    chosen: dict[str, object] = {"user_agent": AGENT, "allowed_hosts": lambda host: True, "allow_loopback": True}
    return Fetcher(**(chosen | options))  # type: ignore[arg-type]


def fetch(url: str, *, role: Role = Role.REPORT, fetcher: Fetcher | None = None, **validators: str) -> FetchResult:
    return (fetcher or make_fetcher()).fetch(FetchRequest(SiteRequest(url, role), **validators))


def fetch_reply(reply: Reply, *, role: Role = Role.REPORT, limits: FetchLimits | None = None) -> FetchResult:
    with serve({"/x": reply}) as server:
        return fetch(f"{server.base_url}/x", role=role, fetcher=make_fetcher(limits=limits))


def stub_network(addresses: tuple[str, ...]) -> Network:
    return Network(resolve=lambda host, allows_ipv6: addresses)
