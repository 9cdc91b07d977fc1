"""The site on this machine: files, reports made on demand, and nothing for anybody else."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator

import pytest

from pipeline.orchestration.source_text import SourceTexts
from pipeline.site.build import write_site
from pipeline.site.server import open_server
from tests.unit.site.conftest import Published


@pytest.fixture(scope="module")
def port(published: Published, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder = tmp_path_factory.mktemp("served") / "site"
    read_source = SourceTexts(published.paths).read
    write_site(published.paths.published, folder, read_source, report_limit=0)
    (folder.parent / "secret.txt").write_text("secret", encoding="utf-8")
    with open_server(folder, published.paths.published, read_source, 0) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def get(port: int, path: str, host: str = "127.0.0.1", method: str = "GET") -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.putrequest(method, path, skip_host=True)
    connection.putheader("Host", f"{host}:{port}")
    connection.endheaders()
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, dict(answer.getheaders()), body


def test_a_page_comes_with_a_policy_that_forbids_everything_from_elsewhere(port):
    status, headers, body = get(port, "/index.html")
    assert (status, body[:15]) == (200, b"<!doctype html>")
    assert "default-src 'none'" in headers["Content-Security-Policy"]


def test_a_report_is_made_on_demand_as_it_would_be_shipped(port, published, site):
    for report, *_ in published.ask("SELECT report_id FROM core.report"):
        status, _, body = get(port, f"/data/report/{report}.js")
        assert status == 200
        assert body == (site.folder / "data" / "report" / f"{report}.js").read_bytes()


def test_another_name_for_this_machine_is_refused(port):
    assert get(port, "/index.html", host="evil.example")[0] == 421


@pytest.mark.parametrize(
    "path", ["/../secret.txt", "/%2e%2e/secret.txt", "/data/", "/data/report/0123456789abcdef.js", "/nothing.html"]
)
def test_what_is_not_of_the_site_is_not_there(port, path):
    status, _, body = get(port, path)
    assert status == 404
    assert b"secret" not in body


def test_nothing_can_be_written(port):
    assert get(port, "/index.html", method="PUT")[0] == 501
