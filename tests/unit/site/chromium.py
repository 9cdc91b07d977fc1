"""A browser without a window, driven over its pipe: open a page, run a line in it, see what it asks for."""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SECONDS = 60.0
_FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--remote-debugging-pipe"),
)
_LOCAL = ("file:", "data:", "blob:", "about:")


@dataclass(slots=True)
class Browser:
    """One tab. asked: every address that was requested; complaints: errors of the console and exceptions."""

    to_browser: int
    from_browser: int
    session: str = ""
    sent: int = 0
    received: bytes = b""
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def start(self, downloads: Path) -> None:
        target = self.ask("Target.createTarget", {"url": "about:blank"})["targetId"]
        self.session = self.ask("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.ask(f"{domain}.enable")
        self.ask("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(downloads)})

    def resize(self, width: int, height: int = 1000) -> None:
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.ask("Emulation.setDeviceMetricsOverride", size)

    def open(self, address: str) -> None:
        """Open an address afresh and wait until the page has shown what it shows."""
        self.ask("Page.navigate", {"url": "about:blank"})
        self.ask("Page.navigate", {"url": address})
        self.wait("document.body && (document.body.dataset.ready || document.body.dataset.failed)")
        # Charts out of sight are drawn when they come into sight
        self.wait(
            "![...document.querySelectorAll('.canvas')].some((one) => one.offsetParent "
            "&& one.getBoundingClientRect().top < innerHeight && !one.dataset.drawn)"
        )

    def run(self, script: str) -> Any:
        """The value of an expression in the page; AssertionError where it throws."""
        answer = self.ask("Runtime.evaluate", {"expression": script, "returnByValue": True, "awaitPromise": True})
        assert "exceptionDetails" not in answer, f"{script}: {answer['exceptionDetails']}"
        return answer["result"].get("value")

    def wait(self, script: str) -> None:
        """Until an expression holds."""
        deadline = time.monotonic() + SECONDS
        while not self.run(f"Boolean({script})"):
            assert time.monotonic() < deadline, f"{script} never came true: {self.complaints}"
            select.select([self.from_browser], [], [], 0.02)

    def act(self, script: str) -> None:
        """Run what makes the page show something else, and wait until it does."""
        before = self.run("document.body.dataset.ready")
        self.run(f"{script}; null")
        self.wait(f"document.body.dataset.ready !== {json.dumps(before)} || document.body.dataset.failed")

    def choose(self, name: str, value: str) -> None:
        """Choose from one of the page's lists, as a reader does."""
        self.act(
            f"(() => {{ const list = document.getElementById('filter-{name}'); list.value = {json.dumps(value)}; "
            "list.dispatchEvent(new Event('change', { bubbles: true })); })()"
        )

    def follow(self, script: str) -> None:
        """Click the element that an expression gives, and wait for the page it leads to."""
        self.run(f"document.body.dataset.left = '1'; ({script}).click(); null")
        self.wait(
            "document.body && !document.body.dataset.left "
            "&& (document.body.dataset.ready || document.body.dataset.failed)"
        )

    def texts(self, selector: str) -> list[str]:
        return list(self.run(f"[...document.querySelectorAll({json.dumps(selector)})].map((one) => one.innerText)"))

    @property
    def foreign(self) -> list[str]:
        """Addresses that are not on this machine."""
        return [a for a in self.asked if not a.startswith(_LOCAL) and not a.startswith("http://127.0.0.1:")]

    def ask(self, method: str, parameters: dict[str, Any] | None = None) -> dict[str, Any]:
        self.sent += 1
        command: dict[str, Any] = {"id": self.sent, "method": method, "params": parameters or {}}
        if self.session and not method.startswith(("Target.", "Browser.")):
            command["sessionId"] = self.session
        os.write(self.to_browser, json.dumps(command).encode() + b"\0")
        while (message := self._receive()).get("id") != self.sent:
            self._note(message)
        assert "error" not in message, f"{method}: {message['error']}"
        return dict(message["result"])

    def _note(self, message: dict[str, Any]) -> None:
        parameters = message.get("params", {})
        match message.get("method"):
            case "Network.requestWillBeSent":
                self.asked.append(parameters["request"]["url"])
            case "Runtime.exceptionThrown":
                self.complaints.append(str(parameters["exceptionDetails"]))
            case "Runtime.consoleAPICalled" if parameters["type"] in ("error", "warning"):
                self.complaints.append(str(parameters["args"]))
            case "Log.entryAdded" if parameters["entry"]["level"] in ("error", "warning"):
                self.complaints.append(str(parameters["entry"]))

    def _receive(self) -> dict[str, Any]:
        deadline = time.monotonic() + SECONDS
        while b"\0" not in self.received:
            ready, _, _ = select.select([self.from_browser], [], [], max(0.0, deadline - time.monotonic()))
            assert ready, "the browser does not answer"
            piece = os.read(self.from_browser, 1 << 20)
            assert piece, "the browser is gone"
            self.received += piece
        line, _, self.received = self.received.partition(b"\0")
        return dict(json.loads(line))


@contextlib.contextmanager
def open_browser(folder: Path) -> Iterator[Browser]:
    """A browser with an empty profile below the folder; what it downloads goes to folder/downloads."""
    assert PROGRAM
    (folder / "downloads").mkdir(parents=True)
    command_read, to_browser = os.pipe()
    from_browser, answer_write = os.pipe()

    def connect() -> None:
        # The browser takes commands from 3 and answers on 4; neither number may be overwritten before it is copied
        read, write = os.dup(command_read), os.dup(answer_write)
        os.dup2(read, 3)
        os.dup2(write, 4)

    process = subprocess.Popen(
        [PROGRAM, *_FLAGS, f"--user-data-dir={folder / 'profile'}", "about:blank"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        close_fds=False,
        preexec_fn=connect,  # noqa: PLW1509 (two pipes at fixed numbers, and nothing else)
    )
    os.close(command_read)
    os.close(answer_write)
    try:
        browser = Browser(to_browser, from_browser)
        browser.start(folder / "downloads")
        yield browser
    finally:
        process.kill()
        process.wait()
        os.close(to_browser)
        os.close(from_browser)
