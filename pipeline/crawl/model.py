"""The crawl's records: one request, what came of it, and the closed list of outcomes.

Belongs here: what net.py returns, what the frontier keeps and what a capture says. Does not belong here: any I/O.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pipeline.sources.model import SiteRequest


class Outcome(StrEnum):
    """What one attempt came to. Stored per attempt, counted per host and source; a code never changes its meaning.

    These are the values of fetch_outcome_code in the contract, and no others.
    """

    # it answered
    STORED = "captured"
    NOT_MODIFIED = "not_modified"
    # The run's word, never the fetcher's: it answered with what is archived but for counters and the like
    UNCHANGED = "unchanged"
    # the network
    DNS = "dns"
    CONNECT_TIMEOUT = "connect_timeout"
    REFUSED = "refused"
    RESET = "reset"
    TLS_HANDSHAKE = "tls_handshake"
    TLS_CERT = "tls_cert"
    READ_TIMEOUT = "read_timeout"
    TRUNCATED = "truncated"
    PROTOCOL = "protocol"
    TOO_LARGE = "too_large"
    DECODE_ERROR = "decode_error"
    # redirects
    REDIRECT_LOOP = "redirect_loop"
    REDIRECT_OFFSITE = "redirect_offsite"
    # rules we keep
    ROBOTS = "robots"
    ROBOTS_UNAVAILABLE = "robots_unavailable"
    UNSAFE_ADDRESS = "unsafe_address"
    OFF_LIST = "off_list"
    BUDGET = "budget"
    # the server says no
    RATE_LIMITED = "rate_limited"
    SERVER_5XX = "server_5xx"
    CLIENT_4XX = "client_4xx"
    GONE = "gone"
    AUTH_REQUIRED = "auth_required"
    # anti-bot answers: labelled, the host rests, a person looks; never worked around
    CHALLENGE_JSL = "challenge_jsl"
    CHALLENGE_RUISHU = "challenge_ruishu"
    WAF_403 = "waf_403"
    CAPTCHA = "captcha"
    # it answered, but not with what was asked for
    SOFT404 = "soft404"
    TYPE_MISMATCH = "type_mismatch"
    EMPTY_LIST = "empty_list"


@dataclass(frozen=True, slots=True)
class FetchRequest:
    """One request with its validators from an earlier answer ('' where there are none)."""

    site: SiteRequest
    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True)
class FetchResult:
    """What one attempt came to. body is None unless the outcome is STORED (or an answer worth keeping as evidence).

    headers are (lower-case name, value) in printed order, bounded. final_url is the address that answered after
    redirects. tls_mode is strict, noverify, legacy or plain (http). retry_after_seconds is what the server asked for,
    None where it said nothing. detail is a sentence for a person, never with a cookie or a header value in it.
    """

    request: FetchRequest
    outcome: Outcome
    final_url: str
    status: int | None
    headers: tuple[tuple[str, str], ...]
    body: bytes | None
    tls_mode: str
    remote_address: str
    http_version: str
    elapsed_ms: int
    retry_after_seconds: float | None
    detail: str
