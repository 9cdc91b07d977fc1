"""Encryption as strict as a host can, weaker only where it can not, and what was used is told."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.crawl.model import Outcome
from pipeline.crawl.net import Fetcher, Network
from pipeline.crawl.tls import Rung, RungMemory, choose_next_rung, make_context
from pipeline.sources.overrides import parse_overrides
from tests.unit.crawl.servers_for_tests import fetch, make_fetcher, serve, write_answer

needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="certificates are made with openssl")


def make_certificate(folder: Path, name: str, *options: str, key: str = "rsa:2048") -> tuple[Path, Path]:
    certificate, private = folder / f"{name}.pem", folder / f"{name}.key"
    command = ["openssl", "req", "-x509", "-newkey", key, "-nodes", "-keyout", private, "-out", certificate]
    subprocess.run([*command, "-days", "30", "-subj", "/CN=127.0.0.1", *options], check=True, capture_output=True)
    return certificate, private


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, Path]]:
    folder = tmp_path_factory.mktemp("certificates")
    named = ("-addext", "subjectAltName=IP:127.0.0.1")
    return {
        "good": make_certificate(folder, "good", *named),
        "other_name": make_certificate(folder, "other", "-addext", "subjectAltName=DNS:elsewhere.example"),
        "short_key": make_certificate(folder, "short", *named, key="rsa:1024"),
    }


def make_server_context(
    pair: tuple[Path, Path], *, ciphers: str = "", last: ssl.TLSVersion | None = None
) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers(ciphers or "DEFAULT:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        if last is not None:
            context.maximum_version = last
    context.load_cert_chain(*pair)
    return context


@pytest.fixture
def trusting(certificates: dict[str, tuple[Path, Path]]) -> Fetcher:
    """A fetcher that trusts the good certificate as a root."""
    return make_fetcher(network=Network(ca_file=str(certificates["good"][0])))


@needs_openssl
class TestLadder:
    def ask(self, context: ssl.SSLContext, fetcher: Fetcher) -> Iterator[str]:
        """The tls_mode of two requests, and how many connections they took."""
        with serve({"/x": write_answer()}, context) as server:
            for _ in range(2):
                result = fetch(f"{server.base_url}/x", fetcher=fetcher)
                assert result.outcome == Outcome.STORED, result
                yield result.tls_mode
            yield str(server.connections)

    def test_verified_certificate_is_strict(
        self, certificates: dict[str, tuple[Path, Path]], trusting: Fetcher
    ) -> None:
        assert [*self.ask(make_server_context(certificates["good"]), trusting)] == ["strict", "strict", "2"]

    @pytest.mark.parametrize("name", ["good", "other_name", "short_key"])
    def test_unproven_certificate_is_noverify(self, certificates: dict[str, tuple[Path, Path]], name: str) -> None:
        # The second request begins at the rung that worked: three connections, not four
        assert [*self.ask(make_server_context(certificates[name]), make_fetcher())] == ["noverify", "noverify", "3"]

    def test_first_version_of_tls_is_legacy(
        self, certificates: dict[str, tuple[Path, Path]], trusting: Fetcher
    ) -> None:
        context = make_server_context(certificates["good"], last=ssl.TLSVersion.TLSv1)
        assert [*self.ask(context, trusting)] == ["legacy", "legacy", "3"]

    def test_old_cipher_alone_is_legacy(self, certificates: dict[str, tuple[Path, Path]]) -> None:
        context = make_server_context(
            certificates["good"], ciphers="AES128-SHA:@SECLEVEL=0", last=ssl.TLSVersion.TLSv1_1
        )
        assert [*self.ask(context, make_fetcher())][:2] == ["legacy", "legacy"]

    def test_override_begins_at_legacy(self, certificates: dict[str, tuple[Path, Path]]) -> None:
        overrides = parse_overrides({"127.0.0.1": {"tls": "legacy", "reason": "a test"}})
        modes = [*self.ask(make_server_context(certificates["good"]), make_fetcher(overrides=overrides))]
        assert modes == ["legacy", "legacy", "2"]


class TestWithoutTls:
    def test_port_that_speaks_no_tls_is_a_failed_handshake(self) -> None:
        with serve({}) as server:
            result = fetch(f"https://127.0.0.1:{server.port}/x")
        assert (result.outcome, result.status) == (Outcome.TLS_HANDSHAKE, None)
        assert server.requests == []

    def test_plain_http_follows_only_where_permitted(self) -> None:
        overrides = parse_overrides({"127.0.0.1": {"tls": "plain", "reason": "a test"}})
        with serve({"/x": write_answer()}) as server:
            result = fetch(f"https://127.0.0.1:{server.port}/x", fetcher=make_fetcher(overrides=overrides))
        assert (result.outcome, result.tls_mode) == (Outcome.STORED, "plain")

    def test_plain_http_takes_its_own_port(self, monkeypatch: pytest.MonkeyPatch) -> None:
        tried: list[int] = []

        def connect(address: tuple[str, int], timeout: float) -> socket.socket:
            tried.append(address[1])
            raise ConnectionRefusedError

        monkeypatch.setattr(socket, "create_connection", connect)
        overrides = parse_overrides({"127.0.0.1": {"tls": "plain", "reason": "a test"}})
        assert fetch("https://127.0.0.1/x", fetcher=make_fetcher(overrides=overrides)).outcome == Outcome.REFUSED
        assert tried == [443, 80]


@pytest.mark.parametrize(
    ("rung", "outcome", "permitted", "following"),
    [
        (Rung.STRICT, Outcome.TLS_CERT, "auto", Rung.NOVERIFY),
        (Rung.STRICT, Outcome.TLS_HANDSHAKE, "auto", Rung.LEGACY),
        (Rung.NOVERIFY, Outcome.TLS_HANDSHAKE, "auto", Rung.LEGACY),
        (Rung.LEGACY, Outcome.TLS_HANDSHAKE, "auto", None),
        (Rung.LEGACY, Outcome.TLS_HANDSHAKE, "plain", Rung.PLAIN),
        (Rung.STRICT, Outcome.CONNECT_TIMEOUT, "auto", None),
        (Rung.STRICT, Outcome.REFUSED, "plain", Rung.PLAIN),
        (Rung.STRICT, Outcome.DNS, "plain", None),
        (Rung.STRICT, Outcome.UNSAFE_ADDRESS, "plain", None),
        (Rung.PLAIN, Outcome.RESET, "plain", None),
    ],
)
def test_next_rung(rung: Rung, outcome: Outcome, permitted: str, following: Rung | None) -> None:
    assert choose_next_rung(rung, outcome, "", permitted) == following


def test_broken_point_of_a_curve_is_tried_with_another_one() -> None:
    detail = "tls: SSLError: [SSL: BAD_ECPOINT] bad ecpoint"
    assert choose_next_rung(Rung.LEGACY, Outcome.TLS_HANDSHAKE, detail, "auto") == Rung.LEGACY_CURVE
    assert choose_next_rung(Rung.LEGACY_CURVE, Outcome.TLS_HANDSHAKE, detail, "auto") is None
    assert Rung.LEGACY_CURVE.tls_mode == "legacy"


def test_strict_context_verifies_and_others_say_that_they_do_not() -> None:
    assert make_context(Rung.STRICT, "").verify_mode == ssl.CERT_REQUIRED
    assert make_context(Rung.STRICT, "").minimum_version >= ssl.TLSVersion.TLSv1_2
    assert make_context(Rung.NOVERIFY, "").minimum_version >= ssl.TLSVersion.TLSv1_2
    assert make_context(Rung.LEGACY_CURVE, "").verify_mode == ssl.CERT_NONE


def test_rung_that_no_longer_works_is_forgotten() -> None:
    memory = RungMemory()
    memory.keep("a.gov.cn", Rung.LEGACY)
    assert memory.recall("a.gov.cn", "auto") == Rung.LEGACY
    assert memory.recall("b.gov.cn", "auto") == Rung.STRICT
    memory.forget("a.gov.cn")
    assert memory.recall("a.gov.cn", "auto") == Rung.STRICT


def test_roots_that_can_not_be_read_end_a_run_before_it_begins(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        make_fetcher(network=Network(ca_file=str(tmp_path / "missing.pem")))
