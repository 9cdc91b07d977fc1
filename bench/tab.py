"""A page as a reader uses it: opened, scrolled, its lists chosen from, its links followed.

Belongs here: one tab of a browser without a window, and waiting until a page of the site has shown what it shows. Does
not belong here: the protocol (browser.py), which pages there are, timing them (site.py), judging them (tests).
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.browser import Link, Message
from bench.producers import start_browser

SECONDS = 60.0
_LOCAL = ("file:", "data:", "blob:", "about:")
_SHOWN = "document.body && (document.body.dataset.ready || document.body.dataset.failed)"
# Charts out of sight are drawn when there is time
_DRAWN_IN_SIGHT = (
    "![...document.querySelectorAll('.canvas')].some((one) => one.offsetParent "
    "&& one.getBoundingClientRect().top < innerHeight && !one.dataset.drawn)"
)


class PageError(RuntimeError):
    """A page did not do what was asked of it: the script, and what the page complained of."""


@dataclass(slots=True)
class Tab:
    """One tab. asked: every address that was requested; complaints: errors of the console and exceptions."""

    link: Link
    session: str
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def resize(self, width: int, height: int = 1000) -> None:
        """Show the page in a window of so many CSS pixels."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.ask("Emulation.setDeviceMetricsOverride", size)

    def open(self, address: str) -> None:
        """Open an address afresh and wait until the page has shown what it shows."""
        self.ask("Page.navigate", {"url": "about:blank"})
        self.ask("Page.navigate", {"url": address})
        self.wait(_SHOWN)
        self.wait(_DRAWN_IN_SIGHT)

    def run(self, script: str) -> Any:
        """The value of an expression in the page; PageError where it throws."""
        answer = self.ask("Runtime.evaluate", {"expression": script, "returnByValue": True, "awaitPromise": True})
        if "exceptionDetails" in answer:
            raise PageError(f"{script}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def wait(self, script: str) -> None:
        """Until an expression holds."""
        deadline = time.monotonic() + SECONDS
        while not self.run(f"Boolean({script})"):
            if time.monotonic() > deadline:
                raise PageError(f"{script} never came true: {self.complaints}")
            self.link.wait(0.02)

    def act(self, script: str) -> None:
        """Run what makes the page show something else, and wait until it does."""
        before = self.run("document.body.dataset.ready")
        self.run(f"{script}; null")
        self.wait(f"document.body.dataset.ready !== {json.dumps(before)} || document.body.dataset.failed")
        self.wait(_DRAWN_IN_SIGHT)

    def choose(self, name: str, value: str) -> None:
        """Choose from one of the page's lists, as a reader does."""
        self.act(
            f"(() => {{ const list = document.getElementById('filter-{name}'); list.value = {json.dumps(value)}; "
            "list.dispatchEvent(new Event('change', { bubbles: true })); })()"
        )

    def follow(self, script: str) -> None:
        """Click the element that an expression gives, and wait for the page it leads to."""
        self.run(f"document.body.dataset.left = '1'; ({script}).click(); null")
        self.wait(f"document.body && !document.body.dataset.left && {_SHOWN}")

    def press(self, key: str) -> None:
        """Press and let go a key that writes nothing."""
        for kind in ("rawKeyDown", "keyUp"):
            code = {"ArrowDown": 40, "ArrowUp": 38}[key]
            self.ask("Input.dispatchKeyEvent", {"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code})

    def texts(self, selector: str) -> list[str]:
        """The text of every element that a selector finds."""
        return list(self.run(f"[...document.querySelectorAll({json.dumps(selector)})].map((one) => one.innerText)"))

    @property
    def foreign(self) -> list[str]:
        """Addresses that are not on this machine."""
        return [a for a in self.asked if not a.startswith(_LOCAL) and not a.startswith("http://127.0.0.1:")]

    def ask(self, method: str, parameters: Message | None = None) -> Message:
        """The result of one command of the protocol, to the tab or, where its name says so, to the browser."""
        self.link.deadline = time.monotonic() + SECONDS
        session = "" if method.startswith(("Target.", "Browser.")) else self.session
        return self.link.ask(method, parameters or {}, session)

    def note(self, message: Message) -> None:
        """Keep what an event says of requests and errors."""
        parameters = message["params"]
        match message["method"]:
            case "Network.requestWillBeSent":
                self.asked.append(parameters["request"]["url"])
            case "Runtime.exceptionThrown":
                self.complaints.append(str(parameters["exceptionDetails"]))
            case "Runtime.consoleAPICalled" if parameters["type"] in ("error", "warning"):
                self.complaints.append(str(parameters["args"]))
            case "Log.entryAdded" if parameters["entry"]["level"] in ("error", "warning"):
                self.complaints.append(str(parameters["entry"]))


@contextmanager
def open_tab() -> Iterator[Tab]:
    """A tab of a new browser with an empty profile, which is gone afterwards, with what was downloaded.

    FileNotFoundError where no browser is installed.
    """
    # Not in a folder of the caller's: the browser makes a socket there, whose address may have a hundred characters
    with (
        tempfile.TemporaryDirectory(prefix="touming-", ignore_cleanup_errors=True) as folder,
        start_browser(Path(folder)) as (to_browser, from_browser),
    ):
        link = Link(to_browser, from_browser, time.monotonic() + SECONDS)
        tab = Tab(link, link.open_tab())
        link.note = tab.note
        for domain in ("Page", "Runtime", "Network", "Log"):
            tab.ask(f"{domain}.enable")
        tab.ask("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": folder})
        yield tab
