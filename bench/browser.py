"""Printing pages to PDF through a running browser, many with one start.

Belongs here: the few commands of the DevTools protocol that printing takes, over its pipe (JSON, each message ended by
a NUL). Does not belong here: starting and stopping the browser.
"""

from __future__ import annotations

import base64
import json
import os
import select
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_CHUNK = 1 << 20


def print_pages(to_browser: int, from_browser: int, sources: Mapping[str, Path], seconds: float) -> dict[str, bytes]:
    """The PDF of every page file, by the keys of sources; pages not printed within the time are left out."""
    link = _Link(to_browser, from_browser, time.monotonic() + seconds)
    printed: dict[str, bytes] = {}
    try:
        target = link.ask("Target.createTarget", {"url": "about:blank"})["targetId"]
        session = link.ask("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        link.ask("Page.enable", {}, session)
        for key, source in sources.items():
            link.ask("Page.navigate", {"url": source.as_uri()}, session)
            link.wait_for("Page.loadEventFired")
            settings = {"printBackground": True, "preferCSSPageSize": True}
            printed[key] = base64.b64decode(link.ask("Page.printToPDF", settings, session)["data"])
    except (TimeoutError, ConnectionError):
        return printed
    return printed


@dataclass(slots=True)
class _Link:
    """Commands out, answers and events in. TimeoutError past the deadline, ConnectionError when the browser is gone."""

    to_browser: int
    from_browser: int
    deadline: float
    sent: int = 0
    received: bytes = b""
    events: list[str] = field(default_factory=list)

    def ask(self, method: str, parameters: Mapping[str, Any], session: str = "") -> dict[str, Any]:
        """The result of one command; events that arrive meanwhile are kept."""
        self.sent += 1
        command = {"id": self.sent, "method": method, "params": parameters} | (
            {"sessionId": session} if session else {}
        )
        self.events.clear()
        os.write(self.to_browser, json.dumps(command).encode() + b"\0")
        while (message := self._receive()).get("id") != self.sent:
            self.events.append(message.get("method", ""))
        if "error" in message:
            raise ConnectionError(f"{method}: {message['error']}")
        result: dict[str, Any] = message["result"]
        return result

    def wait_for(self, event: str) -> None:
        """Until an event has come since the last command."""
        while event not in self.events:
            self.events.append(self._receive().get("method", ""))

    def _receive(self) -> dict[str, Any]:
        while b"\0" not in self.received:
            left = self.deadline - time.monotonic()
            if left <= 0 or not select.select([self.from_browser], [], [], left)[0]:
                raise TimeoutError("the browser does not answer")
            chunk = os.read(self.from_browser, _CHUNK)
            if not chunk:
                raise ConnectionError("the browser has ended")
            self.received += chunk
        raw, _, self.received = self.received.partition(b"\0")
        message: dict[str, Any] = json.loads(raw)
        return message
