"""What goes wrong on a site, chosen by a seed: which address suffers what, and whether its document can be had at all.

Belongs here: the kinds of faults with what a crawl may make of them, the malformed answers, bombs, challenge pages and
states of robots.txt. Does not belong here: sending (server.py) and certificates.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

# On the first visits only; asked again, the document comes
TRANSIENT = ("busy_503", "limited_429", "server_500", "reset", "closed", "truncated", "chunk_cut")
# Odd, but the document is there to be had
ODD = ("trickle", "moved", "cookie")
# Headers that old servers send; the document is there to be had. te_and_cl and no_colon are bare faults of the protocol
MALFORMED = (
    "no_colon",
    "lf_only",
    "gbk_header",
    "utf8_header",
    "no_reason",
    "length_twice",
    "chunked_and_length",
    "space_before_colon",
    "http10_close",
    "length_too_big",
    "gzip_lie",
    "big_header",
    "status_521",
    "gbk_location",
    "extra_bytes",
    "control_character",
)
# What no crawl can have, and the names of the Outcome members that say so
PERMANENT: Mapping[str, tuple[str, ...]] = {
    "redirect_loop": ("REDIRECT_LOOP",),
    "redirect_metadata": ("UNSAFE_ADDRESS", "OFF_LIST", "REDIRECT_OFFSITE"),
    "redirect_offsite": ("REDIRECT_OFFSITE", "OFF_LIST"),
    "redirect_file": ("REDIRECT_OFFSITE", "UNSAFE_ADDRESS", "OFF_LIST", "PROTOCOL"),
    "missing": ("CLIENT_4XX", "GONE"),
    "soft404": ("SOFT404",),
    "gzip_bomb": ("TOO_LARGE",),
    "deflate_bomb": ("TOO_LARGE",),
    "too_large": ("TOO_LARGE",),
    "always_500": ("SERVER_5XX",),
    "length_too_big": ("TRUNCATED",),
    "error_page": ("TYPE_MISMATCH", "SOFT404"),
}
# Malformed answers of single documents that don't make a host rest, as status 521 would
MALFORMED_DOCUMENTS = tuple(kind for kind in MALFORMED if kind not in ("status_521", "length_too_big"))
CHALLENGES: Mapping[str, tuple[str, ...]] = {
    "jsl": ("CHALLENGE_JSL",),
    "ruishu_412": ("CHALLENGE_RUISHU",),
    "ruishu_202": ("CHALLENGE_RUISHU",),
    "waf": ("WAF_403",),
    "captcha": ("CAPTCHA",),
}
# none answers 404; refusing states keep the whole host closed for the night
ROBOTS = ("none", "allow", "private", "disallow", "error_500", "forbidden", "closed", "html", "redirect", "huge")
# What names of files from the web would do, were they ever paths
TRAVERSING_NAMES = (
    "../../../../touming-escaped.txt",
    "/tmp/touming-escaped.txt",
    "C:\\touming-escaped.txt",
    "..\\..\\touming-escaped.txt",
    "a/../../touming-escaped.txt",
)
METADATA_URL = "http://169.254.169.254/latest/meta-data/"
OFFSITE_URL = "http://www.example.org/moved.html"


@dataclass(frozen=True, slots=True)
class Faults:
    """Faults of a site by seed. share is the part of the addresses that suffer one, 0 for none.

    kinds are drawn from evenly; lists and interfaces suffer only the transient ones of them. repeats is on how many
    visits a transient fault shows. retry_after is what 429 and 503 ask for (text of the header, '' for no header).
    trickle_seconds is what a slow page takes. targets are where redirect_to leads, by the number of the document.
    """

    share: float = 0.0
    kinds: tuple[str, ...] = (*TRANSIENT, *ODD, *MALFORMED_DOCUMENTS, *PERMANENT)
    seed: int = 1
    repeats: int = 1
    retry_after: str = "1"
    trickle_seconds: float = 0.2
    targets: tuple[str, ...] = ()

    def choose(self, path: str, is_document: bool, is_file: bool = False) -> str:
        """The fault of an address, '' for none; the same for the same seed and address."""
        kinds = [kind for kind in self.kinds if (is_document or kind in TRANSIENT) and _suits(kind, is_file)]
        drawn = int.from_bytes(hashlib.sha256(f"{self.seed}/{path}".encode()).digest()[:8], "big")
        if not kinds or drawn % 10_000 >= self.share * 10_000:
            return ""
        return kinds[drawn // 10_000 % len(kinds)]


def list_outcomes(kind: str) -> tuple[str, ...]:
    """Names of the outcomes that a document with this fault may end with, () where it can be had."""
    return PERMANENT.get(kind, ())


def _suits(kind: str, is_file: bool) -> bool:
    """An error page is noticed where a file was promised, a friendly "not found" where a page was."""
    return is_file if kind == "error_page" else not is_file if kind == "soft404" else True


def write_malformed(kind: str, body: bytes, content_type: str, path: str) -> bytes:
    """A whole answer, head and body, as a faulty server sends it."""
    length, declared = f"Content-Length: {len(body)}".encode(), f"Content-Type: {content_type}".encode()
    name = 'Content-Disposition: attachment; filename="年度报告.doc"'
    again = f"{path}{'&' if '?' in path else '?'}t="
    heads: dict[str, list[bytes]] = {
        "no_colon": [b"HTTP/1.1 200 OK", b"X-Broken header line", declared, length],
        "gbk_header": [b"HTTP/1.1 200 OK", name.encode("gbk"), declared, length],
        "utf8_header": [b"HTTP/1.1 200 OK", name.encode(), declared, length],
        "no_reason": [b"HTTP/1.1 200", declared, length],
        "length_twice": [b"HTTP/1.1 200 OK", declared, length, length],
        "space_before_colon": [b"HTTP/1.1 200 OK", b"Server : IIS", declared, length],
        "http10_close": [b"HTTP/1.0 200 OK", declared],
        "length_too_big": [b"HTTP/1.1 200 OK", declared, b"Content-Length: 99999999"],
        "gzip_lie": [b"HTTP/1.1 200 OK", declared, b"Content-Encoding: gzip", length],
        "big_header": [b"HTTP/1.1 200 OK", declared, b"Set-Cookie: a=" + b"x" * 12_000, length],
        "status_521": [b"HTTP/1.1 521 ", declared, length],
        "gbk_location": [b"HTTP/1.1 302 Found", f"Location: {again}年报".encode("gbk"), b"Content-Length: 0"],
        "extra_bytes": [b"HTTP/1.1 200 OK", declared, length],
        "control_character": [b"HTTP/1.1 200 OK", b"X-Mark: a\x01b", declared, length],
        "chunked_and_length": [b"HTTP/1.1 200 OK", declared, b"Transfer-Encoding: chunked", b"Content-Length: 5"],
        "lf_only": [b"HTTP/1.1 200 OK", declared, length],
    }
    if kind == "gbk_location":
        body = b""
    if kind == "chunked_and_length":
        body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    if kind == "extra_bytes":
        body += b"GARBAGE"
    end = b"\n" if kind == "lf_only" else b"\r\n"
    return end.join(heads[kind]) + end + end + body


@cache
def make_bomb(coding: str) -> bytes:
    """Half a megabyte that inflates to 400 MB."""
    page = b"<html><body>" + b" " * (1 << 20)
    if coding == "gzip":
        return gzip.compress(page, 9) * 400
    # A full flush makes a piece that may be repeated, which takes no time
    deflater = zlib.compressobj(9)
    pieces = [deflater.compress(page) + deflater.flush(zlib.Z_FULL_FLUSH) for _ in range(2)]
    return pieces[0] + pieces[1] * 399


@cache
def make_hostile_zip(kind: str) -> bytes:
    """An archive that inflates to 60 MB (zip_bomb), or whose names lead out of any folder (zip_traversal)."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        if kind == "zip_bomb":
            archive.writestr("report.doc", bytes(60 * 1024 * 1024))
        for name in TRAVERSING_NAMES if kind == "zip_traversal" else ():
            archive.writestr(name, f"escaped as {name}")
    return stream.getvalue()


def write_challenge(kind: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of a page that asks the browser to prove itself."""
    if kind == "jsl":
        script = "<script>document.cookie=('_')+('_')+('jsl_clearance_s')+('=')+'1700000000.1|-1|abc;Max-age=3600';"
        return (
            521,
            {"Set-Cookie": "__jsluid_s=0123456789abcdef"},
            f"{script}location.href=location.href</script>".encode(),
        )
    if kind in ("ruishu_412", "ruishu_202"):
        page = (
            '<html><head><meta id="9DhefwqGPrzGxEp9hPaoag" content="a1b2c3" r="m"><script>$_ts=window["$_ts"];if(!$_ts)'
            '$_ts={};$_ts.nsd=12345;$_ts.cd="qqqq";</script><script src="/x9Yz/abc.js" r="m"></script></head>'
            "<body></body></html>"
        )
        return int(kind[-3:]), {"Set-Cookie": "FSSBBIl1UgzbN7NO=5abcd; path=/; HttpOnly"}, page.encode()
    if kind == "waf":
        page = (
            "<html><head><title>访问被拦截</title></head><body>您的请求疑似攻击行为，已被网站防火墙拦截！"
            "事件编号 20260101</body></html>"
        )
        return 403, {"Server": "waf"}, page.encode()
    page = (
        "<html><head><title>安全验证</title></head><body><form>请输入验证码后继续访问<img src='/captcha.jpg'>"
        "<input name='captcha'></form></body></html>"
    )
    return 200, {}, page.encode()


def write_robots(state: str, crawl_delay_seconds: float) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of robots.txt; status 0 means that the connection is closed without an answer."""
    delay = f"Crawl-delay: {crawl_delay_seconds:g}\n" if crawl_delay_seconds else ""
    plain = {"Content-Type": "text/plain"}
    rules = {"disallow": "Disallow: /", "private": "Disallow: /private/", "huge": "Disallow: /private/"}
    if state in ("allow", "private", "disallow", "huge"):
        text = f"User-agent: *\n{rules.get(state, 'Disallow:')}\n{delay}" + ("# padding\n" * 70_000) * (state == "huge")
        return 200, plain, text.encode()
    refused = {"error_500": 500, "forbidden": 403, "closed": 0}
    if state in refused:
        return refused[state], plain, b""
    if state == "html":
        return 200, {"Content-Type": "text/html"}, "<html><body>欢迎访问本网站</body></html>".encode()
    if state == "redirect":
        return 301, {"Location": "/robots-moved.txt"}, b""
    return (200, plain, f"User-agent: *\n{delay}".encode()) if delay else (404, {}, b"not found")
