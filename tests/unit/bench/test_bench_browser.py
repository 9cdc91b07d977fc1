"""The conversation with a browser: commands out, answers in, and an end when it says nothing more."""

from __future__ import annotations

import base64
import json
import os
import threading
from collections.abc import Callable, Iterator

import pytest

from bench.browser import print_pages

Answer = Callable[[dict], list[dict]]


class Pipes:
    """A browser that a function plays."""

    def __init__(self, answer: Answer) -> None:
        self.hears, self.to_browser = os.pipe()
        self.from_browser, self.says = os.pipe()
        self.asked: list[str] = []
        self.thread = threading.Thread(target=self._play, args=(answer,), daemon=True)
        self.thread.start()

    def _play(self, answer: Answer) -> None:
        received = b""
        while chunk := os.read(self.hears, 65_536):
            received += chunk
            while b"\0" in received:
                raw, _, received = received.partition(b"\0")
                command = json.loads(raw)
                self.asked.append(command["method"])
                for message in answer(command):
                    os.write(self.says, json.dumps(message).encode() + b"\0")
        os.close(self.says)

    def close(self) -> None:
        os.close(self.to_browser)
        self.thread.join()
        os.close(self.from_browser)
        os.close(self.hears)


@pytest.fixture
def play() -> Iterator[Callable[[Answer], Pipes]]:
    opened: list[Pipes] = []

    def start(answer: Answer) -> Pipes:
        opened.append(Pipes(answer))
        return opened[-1]

    yield start
    for pipes in opened:
        pipes.close()


def answer_as_a_browser(command: dict) -> list[dict]:
    results = {
        "Target.createTarget": {"targetId": "t"},
        "Target.attachToTarget": {"sessionId": "s"},
        "Page.printToPDF": {"data": base64.b64encode(b"%PDF-1.4").decode()},
    }
    reply = {"id": command["id"], "result": results.get(command["method"], {})}
    event = {"method": "Page.loadEventFired"}
    # Loading may be over before the command that started it is answered
    return [event, reply] if command["method"] == "Page.navigate" else [reply]


def test_pages_are_printed_by_one_browser(play, tmp_path):
    pipes = play(answer_as_a_browser)
    sources = {"a": tmp_path / "a.html", "b": tmp_path / "b.html"}
    assert print_pages(pipes.to_browser, pipes.from_browser, sources, 10) == {"a": b"%PDF-1.4", "b": b"%PDF-1.4"}
    assert pipes.asked.count("Target.createTarget") == 1
    assert pipes.asked.count("Page.printToPDF") == 2


def test_what_was_printed_before_an_error_is_kept(play, tmp_path):
    def refuse_second(command: dict) -> list[dict]:
        if command["method"] == "Page.printToPDF" and command["id"] > 5:
            return [{"id": command["id"], "error": {"message": "no"}}]
        return answer_as_a_browser(command)

    pipes = play(refuse_second)
    sources = {"a": tmp_path / "a.html", "b": tmp_path / "b.html"}
    assert print_pages(pipes.to_browser, pipes.from_browser, sources, 10) == {"a": b"%PDF-1.4"}


def test_a_silent_browser_is_given_up(play, tmp_path):
    pipes = play(lambda command: [])
    assert print_pages(pipes.to_browser, pipes.from_browser, {"a": tmp_path / "a.html"}, 0.05) == {}
