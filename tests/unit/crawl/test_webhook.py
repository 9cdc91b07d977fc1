from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator

import pytest

from pipeline.crawl.webhook import post_json


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((self.path, self.headers["Content-Type"], json.loads(body)))
        if self.path.startswith("/moved"):
            self.send_response(302)
            self.send_header("Location", "/elsewhere")
        elif self.path == "/trickle":
            self.trickle()
            return
        else:
            self.send_response(500 if self.path == "/broken" else 204)
        self.end_headers()

    def trickle(self) -> None:
        """An answer that never comes to its end, a byte at a time."""
        self.wfile.write(b"HTTP/1.1 200 ")
        while not self.server.stopped.wait(0.05):
            try:
                self.wfile.write(b"O")
            except OSError:
                return

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[http.server.ThreadingHTTPServer]:
    receiver = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    receiver.received, receiver.stopped = [], threading.Event()
    thread = threading.Thread(target=receiver.serve_forever)
    thread.start()
    yield receiver
    receiver.stopped.set()
    receiver.shutdown()
    receiver.server_close()
    thread.join()


def test_message_arrives_as_json_with_the_query_of_its_address(server):
    address = f"http://127.0.0.1:{server.server_port}/hook?key=1"
    assert post_json(address, {"job": "nightly", "text": "检查未通过"}) == ""
    ((path, content_type, message),) = server.received
    assert path == "/hook?key=1"
    assert content_type == "application/json; charset=utf-8"
    assert message == {"job": "nightly", "text": "检查未通过"}


@pytest.mark.parametrize(("path", "status"), [("/broken", 500), ("/moved?key=secret", 302)])
def test_refusal_is_a_sentence_without_the_path_and_nothing_is_followed(server, path, status):
    said = post_json(f"http://127.0.0.1:{server.server_port}{path}", {})
    assert said == f"127.0.0.1 answered with status {status}"
    assert len(server.received) == 1


def test_answer_that_trickles_ends_with_the_time(server):
    # Without a deadline it would go on for ever
    said = post_json(f"http://127.0.0.1:{server.server_port}/trickle", {}, seconds=0.5)
    assert said.startswith("127.0.0.1 was not reached")


def test_nobody_listening_is_a_sentence(server):
    port = server.server_port
    server.shutdown()
    server.server_close()
    assert post_json(f"http://127.0.0.1:{port}/hook/secret", {}) == "127.0.0.1 was not reached (ConnectionRefusedError)"


@pytest.mark.parametrize(
    "address",
    [
        "http://example.org/hook",
        "http://10.0.0.1/hook",
        "ftp://127.0.0.1/hook",
        "https://name:password@example.org/hook",
        "file:///etc/passwd",
        "hook",
        "http://127.0.0.1:99999/hook",
    ],
)
def test_other_addresses_are_not_told(address, monkeypatch):
    monkeypatch.setattr("pipeline.crawl.webhook._post", lambda *_: pytest.fail("something was sent"))
    said = post_json(address, {})
    assert "nothing is sent" in said or said == "the address is not one"
    assert "hook" not in said
    assert "password" not in said


@pytest.mark.parametrize("address", ["https://10.0.0.1/hook", "https://169.254.169.254/latest"])
def test_inner_network_is_not_told(address):
    assert post_json(address, {}, seconds=1).endswith("(UnsafeAddressError)")
