"""The site on this machine: the folder as it is, and on demand the script of a report that the folder does not hold.

Belongs here: answering one browser on 127.0.0.1. Does not belong here: serving anybody else (any web server can show
the folder), writing.
"""

from __future__ import annotations

import re
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any

from pipeline.site.answers import Warehouse
from pipeline.site.reports import SourceReader, format_report
from pipeline.warehouse.query_errors import QueryError

LOOPBACK = "127.0.0.1"
_REPORT = re.compile(r"/data/report/([0-9a-f]{16})\.js")
# Nothing from elsewhere, whatever a report's text might hold; the charts set styles of their own
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "connect-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class SiteHandler(SimpleHTTPRequestHandler):
    """GET and HEAD of the site's files; other methods are refused by the base class."""

    protocol_version = "HTTP/1.1"

    def __init__(self, *args: Any, warehouse: Warehouse, read_source: SourceReader, **named: Any) -> None:
        self.warehouse = warehouse
        self.read_source = read_source
        super().__init__(*args, **named)

    def send_head(self) -> Any:
        """The file, or a report made now; only for who asked this machine by its own name."""
        if self.headers.get("Host", "").rpartition(":")[0] not in (LOOPBACK, "localhost"):
            # A page elsewhere whose name was made to point here
            self.send_error(HTTPStatus.MISDIRECTED_REQUEST)
            return None
        path = self.path.partition("?")[0]
        report = _REPORT.fullmatch(path)
        if report and not Path(self.translate_path(path)).exists():
            return self._send_report(report[1])
        return super().send_head()

    def list_directory(self, path: Any) -> None:  # noqa: ARG002 (the base class's signature)
        """No listing: every page has an address of its own."""
        self.send_error(HTTPStatus.NOT_FOUND)

    def end_headers(self) -> None:
        """What keeps the page to itself, and the browser from an outdated copy."""
        self.send_header("Content-Security-Policy", _POLICY)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: requests are the reader's own."""

    def _send_report(self, report: str) -> BytesIO | None:
        try:
            script = format_report(self.warehouse, report, self.read_source)
        except QueryError as error:
            self.log_error("%s", error)
            self.send_error(HTTPStatus.SERVICE_UNAVAILABLE)
            return None
        if script is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return None
        content = script.encode()
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/javascript; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        return BytesIO(content)


def open_server(folder: Path, published: Path, read_source: SourceReader, port: int) -> ThreadingHTTPServer:
    """A server on 127.0.0.1 that waits for serve_forever; port 0 takes a free one. OSError when the port is taken."""
    handler = partial(SiteHandler, directory=str(folder), warehouse=Warehouse(published), read_source=read_source)
    return ThreadingHTTPServer((LOOPBACK, port), handler)
