"""The conversation with a running browser: commands of the DevTools protocol over its pipe, and printing pages by it.

Belongs here: sending, receiving (JSON, each message ended by a NUL), and the few commands that printing takes. Does not
belong here: starting and stopping the browser (producers.py), using a page as a reader does (tab.py).
"""

from __future__ import annotations

import base64
import json
import os
import select
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_CHUNK = 1 << 20

Message = dict[str, Any]


def print_pages(to_browser: int, from_browser: int, sources: Mapping[str, Path], seconds: float) -> dict[str, bytes]:
    """The PDF of every page file, by the keys of sources; pages not printed within the time are left out."""
    events: list[str] = []
    link = Link(to_browser, from_browser, time.monotonic() + seconds, lambda event: events.append(event["method"]))
    printed: dict[str, bytes] = {}
    try:
        session = link.open_tab()
        link.ask("Page.enable", {}, session)
        for key, source in sources.items():
            events.clear()
            link.ask("Page.navigate", {"url": source.as_uri()}, session)
            while "Page.loadEventFired" not in events:
                link.receive()
            settings = {"printBackground": True, "preferCSSPageSize": True}
            printed[key] = base64.b64decode(link.ask("Page.printToPDF", settings, session)["data"])
    except (TimeoutError, ConnectionError):
        return printed
    return printed


@dataclass(slots=True)
class Link:
    """Commands out, answers and events in; every event goes to `note`.

    TimeoutError past the deadline (a moment of time.monotonic), ConnectionError when the browser is gone or refuses.
    """

    to_browser: int
    from_browser: int
    deadline: float
    note: Callable[[Message], object] | None = None
    sent: int = 0
    received: bytes = b""

    def open_tab(self) -> str:
        """A new empty tab; the session that commands to it name."""
        target = self.ask("Target.createTarget", {"url": "about:blank"})["targetId"]
        return str(self.ask("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"])

    def ask(self, method: str, parameters: Mapping[str, Any], session: str = "") -> Message:
        """The result of one command; events that arrive meanwhile are noted."""
        self.sent += 1
        command = {"id": self.sent, "method": method, "params": parameters}
        os.write(self.to_browser, json.dumps(command | ({"sessionId": session} if session else {})).encode() + b"\0")
        while (message := self.receive()).get("id") != self.sent:
            pass
        if "error" in message:
            raise ConnectionError(f"{method}: {message['error']}")
        result: Message = message["result"]
        return result

    def receive(self) -> Message:
        """The next message, whatever it is."""
        while b"\0" not in self.received:
            if not self.wait(max(0.0, self.deadline - time.monotonic())):
                raise TimeoutError("the browser does not answer")
            chunk = os.read(self.from_browser, _CHUNK)
            if not chunk:
                raise ConnectionError("the browser has ended")
            self.received += chunk
        raw, _, self.received = self.received.partition(b"\0")
        message: Message = json.loads(raw)
        if self.note and "method" in message:
            self.note(message)
        return message

    def wait(self, seconds: float) -> bool:
        """Until the browser says something, or so long; whether it did."""
        return bool(select.select([self.from_browser], [], [], seconds)[0])
