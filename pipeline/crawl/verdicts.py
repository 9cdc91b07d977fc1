"""What a complete answer came to, by its status and by what its bytes give away.

Belongs here: statuses, validators, Retry-After. Does not belong here: failures on the way (failures.py) and the marks
of challenges and missing pages (answers.py).
"""

from __future__ import annotations

import email.utils

from pipeline.crawl.answers import classify_answer
from pipeline.crawl.model import FetchRequest, Outcome

# Bytes worth keeping: the page itself, or the evidence of why it is none
WITH_BODY = frozenset(
    {
        Outcome.STORED,
        Outcome.DECODE_ERROR,
        Outcome.SOFT404,
        Outcome.TYPE_MISMATCH,
        Outcome.CHALLENGE_JSL,
        Outcome.CHALLENGE_RUISHU,
        Outcome.WAF_403,
        Outcome.CAPTCHA,
    }
)
_STATUSES = {
    401: Outcome.AUTH_REQUIRED,
    404: Outcome.GONE,
    407: Outcome.AUTH_REQUIRED,
    408: Outcome.READ_TIMEOUT,
    410: Outcome.GONE,
    429: Outcome.RATE_LIMITED,
    503: Outcome.RATE_LIMITED,
}
_SENTENCES = {
    Outcome.CHALLENGE_JSL: "Jiasule's script came instead of the page; leave the host alone and tell a person",
    Outcome.CHALLENGE_RUISHU: "Ruishu's script came instead of the page; leave the host alone and tell a person",
    Outcome.WAF_403: "a firewall refused; leave the host alone and tell a person",
    Outcome.CAPTCHA: "the site asks for a captcha; leave the host alone and tell a person",
    Outcome.SOFT404: "the answer says that there is no such page, under a status that says it was found",
    Outcome.TYPE_MISMATCH: "a page came where a file was promised",
    Outcome.EMPTY_LIST: "the page is empty",
}


def judge_status(status: int, request: FetchRequest) -> tuple[Outcome, str]:
    """The outcome that a status stands for by itself, and a sentence ('' where the outcome says it all)."""
    if status == 304:
        if request.etag or request.last_modified:
            return Outcome.NOT_MODIFIED, ""
        return Outcome.PROTOCOL, "status 304 without a condition"
    if status in _STATUSES:
        return _STATUSES[status], f"status {status}"
    if 200 <= status < 300:
        return (Outcome.PROTOCOL, "a part came that nobody asked for") if status == 206 else (Outcome.STORED, "")
    if 400 <= status < 500:
        return Outcome.CLIENT_4XX, f"status {status}"
    return (Outcome.SERVER_5XX if status >= 500 else Outcome.PROTOCOL), f"status {status}"


def judge_page(
    status: int, headers: tuple[tuple[str, str], ...], body: bytes, request: FetchRequest, final_url: str
) -> tuple[Outcome, str]:
    """The outcome of an answer read to its end, and a sentence: its marks first, then its status."""
    if status != 304:
        marked = classify_answer(status, headers, body, request.site, final_url)
        if marked is not None:
            return marked, f"status {status}: {_SENTENCES[marked]}"
    return judge_status(status, request)


def read_retry_after(value: str, now: float) -> float | None:
    """Seconds that a Retry-After asks for, from a number or a date (now in seconds of the epoch); None if none."""
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(min(int(text[:9]), 10**8))
    try:
        return max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - now) if text else None
    except (ValueError, OverflowError, TypeError):
        return None
