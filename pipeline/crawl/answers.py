"""Answers that are not the page asked for: challenges, firewalls, captchas, missing pages sent as found, other types.

Belongs here: telling them apart by status, headers and bytes. Does not belong here: doing anything about them; they are
labelled, the host rests, and a person looks.
"""

from __future__ import annotations

import html
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from pipeline.archive.sniff import sniff_media_type
from pipeline.crawl.model import Outcome
from pipeline.sources.model import Role, SiteRequest
from pipeline.sources.opened import decode_body

ANSWERS_FILE = Path(__file__).resolve().parent / "answers.toml"
# Every pattern here reads a hostile page in linear time: repetitions are bounded or stop at the next tag
_HIDDEN = re.compile(r"<!--|<(script|style|noscript|head)\b", re.IGNORECASE)
_ENDS = {
    "": re.compile("-->"),
    **{
        name: re.compile(rf"</{name}\b[^<>]{{0,200}}>?", re.IGNORECASE)
        for name in ("script", "style", "noscript", "head")
    },
}
# Browsers read to the end of the page for the end of these; the end of others may be left out
_SWALLOWING = ("", "script", "style")
# Text behind a tag, or at the start of a piece
_TEXT_RUN = re.compile(r"(?:^|>)([^<>]+)")
_TITLE = re.compile(r"<title[^<>]{0,200}>([^<]{0,300})", re.IGNORECASE)
_LINK = re.compile(r"<a\b[^<>]{0,500}?\bhref", re.IGNORECASE)
_SCRIPT = re.compile(r"<script\b", re.IGNORECASE)
_MAX_BYTES = 400_000
_HEAD_CHARACTERS = 20_000
_PAGE_TYPES = ("text/html", "text/plain", "application/xml", "application/x-empty")
_FILE_ENDING = re.compile(r"\.(pdf|docx?|wps|rtf|xlsx?|et|pptx?|ofd|zip|rar|7z|jpe?g|png|gif|tiff?)$", re.IGNORECASE)
_FILE_TYPES = ("application/pdf", "application/msword", "application/zip", "application/vnd.", "image/")
# Kinds of file that are now and then saved as HTML
_OFFICE_ENDINGS = ("doc", "wps", "xls", "et", "rtf")


@dataclass(frozen=True, slots=True)
class AnswerWords:
    """answers.toml compiled: patterns by where they are searched and what they show, and sizes of a notice."""

    source: Mapping[str, re.Pattern[str]]
    text: Mapping[str, re.Pattern[str]]
    office: re.Pattern[str]
    notice_characters: int
    titled_notice_characters: int
    source_characters: int
    notice_links: int


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the rules look at. text is the visible text without white space, as far as rules ask; title likewise."""

    status: int
    headers: Mapping[str, str]
    source: str
    text: str
    title: str
    media_type: str
    is_empty: bool

    @property
    def has_only_script(self) -> bool:
        """Whether there is nothing to read: an empty body, or a script and no words."""
        return self.is_empty or (bool(_SCRIPT.search(self.source)) and len(self.text) < 40)


@cache
def load_answer_words() -> AnswerWords:
    """The lists of answers.toml; KeyError or re.error when the file is wrong, which no run survives."""
    with ANSWERS_FILE.open("rb") as stream:
        tables = tomllib.load(stream)
    return AnswerWords(
        source={name: _compile(patterns) for name, patterns in tables["source"].items()},
        text={name: _compile(patterns) for name, patterns in tables["text"].items()},
        office=_compile(tables["office"]["markup"]),
        **tables["limits"],
    )


def classify_answer(
    status: int,
    headers: Iterable[tuple[str, str]],
    body: bytes,
    request: SiteRequest,
    final_url: str = "",
) -> Outcome | None:
    """What an answer is instead of the page asked for, None where nothing speaks against it. Never raises.

    headers are (lower-case name, value); final_url is the address that answered, '' where nothing redirected. Plain
    failures (404, 500) without a mark of something else are None as well: their status says it all.
    """
    media_type = sniff_media_type(body)
    if status < 400 and media_type not in _PAGE_TYPES:
        return None
    answer = _look_at(status, headers, body, media_type)
    words = load_answer_words()
    # Every mark of a challenge stands on a page with little to read
    rules = _RULES if len(answer.text) < words.notice_characters else ()
    for rule in rules:
        outcome = rule(answer, words)
        if outcome is not None:
            return outcome
    if not 200 <= status < 300:
        return None
    return _classify_success(answer, request, final_url)


def _look_at(status: int, headers: Iterable[tuple[str, str]], body: bytes, media_type: str) -> _Answer:
    # Cut before a tag, never within a character
    cut = body if len(body) <= _MAX_BYTES else body[:_MAX_BYTES].rpartition(b"<")[0]
    source = decode_body(cut)[0]
    title = _TITLE.search(source, 0, _HEAD_CHARACTERS)
    return _Answer(
        status=status,
        # Several cookies: all that matters is that one of them is there
        headers=_join_headers(headers),
        source=source,
        text=_read_visible(source, load_answer_words().titled_notice_characters),
        title="".join(html.unescape(title[1]).split()) if title else "",
        media_type=media_type,
        is_empty=not body.strip(),
    )


def _read_visible(source: str, enough: int) -> str:
    """The visible text of a page without white space, cut off where no rule asks for more."""
    gathered = ""
    for piece in _cut_hidden(source):
        for run in _TEXT_RUN.finditer(piece):
            gathered += "".join(html.unescape(run[1]).split())
            if len(gathered) >= enough:
                return gathered
    return gathered


def _cut_hidden(source: str) -> Iterator[str]:
    """The pieces of a page outside comments, scripts, styles and its head."""
    position, endless = 0, set()
    while opening := _HIDDEN.search(source, position):
        yield source[position : opening.start()]
        kind = (opening[1] or "").lower()
        end = None if kind in endless else _ENDS[kind].search(source, opening.end())
        if end is None and kind in _SWALLOWING:
            return
        if end is None:
            endless.add(kind)
        position = opening.end() if end is None else end.end()
    yield source[position:]


def _join_headers(headers: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    joined: dict[str, str] = {}
    for name, value in headers:
        joined[name] = f"{joined[name]}\n{value}" if name in joined else value
    return joined


def _find_jsl(answer: _Answer, words: AnswerWords) -> Outcome | None:
    is_marked = bool(words.source["jsl"].search(answer.source))
    is_refused = answer.status == 521 and ("__jsl" in answer.headers.get("set-cookie", "") or answer.has_only_script)
    return Outcome.CHALLENGE_JSL if is_marked or is_refused else None


def _find_ruishu(answer: _Answer, words: AnswerWords) -> Outcome | None:
    if not answer.has_only_script:
        return None
    is_found = answer.status in (202, 412) or bool(words.source["ruishu"].search(answer.source))
    return Outcome.CHALLENGE_RUISHU if is_found else None


def _is_notice(answer: _Answer, words: AnswerWords) -> bool:
    """Whether a page is small enough to hold nothing but a message."""
    return len(answer.source) <= words.source_characters and len(_LINK.findall(answer.source)) <= words.notice_links


def _find_captcha(answer: _Answer, words: AnswerWords) -> Outcome | None:
    if not _is_notice(answer, words):
        return None
    if words.text["captcha"].search(answer.text):
        return Outcome.CAPTCHA
    is_script = bool(words.source["captcha"].search(answer.source)) and len(answer.text) < 200
    return Outcome.CAPTCHA if is_script else None


def _find_waf(answer: _Answer, words: AnswerWords) -> Outcome | None:
    if not _is_notice(answer, words):
        return None
    if answer.status < 400:
        # A page that was found must say in so many words that a firewall sent it
        is_waf = bool(words.source["waf"].search(answer.source)) and bool(words.text["waf"].search(answer.text))
    elif answer.status in (403, 405, 406, 418, 493, 501, 567):
        is_waf = bool(words.source["waf"].search(answer.source) or words.text["waf"].search(answer.text))
    else:
        return None
    return Outcome.WAF_403 if is_waf else None


_RULES: tuple[Callable[[_Answer, AnswerWords], Outcome | None], ...] = (
    _find_jsl,
    _find_ruishu,
    _find_captcha,
    _find_waf,
)


def _classify_success(answer: _Answer, request: SiteRequest, final_url: str) -> Outcome | None:
    if answer.is_empty:
        return Outcome.EMPTY_LIST if request.role in (Role.LIST, Role.ROOT) else Outcome.SOFT404
    words = load_answer_words()
    if _is_missing_page(answer, words) or _is_sent_home(request, final_url):
        return Outcome.SOFT404
    if request.role != Role.ROOT and _is_other_type(answer, request, words):
        return Outcome.TYPE_MISMATCH
    return None


def _is_missing_page(answer: _Answer, words: AnswerWords) -> bool:
    if answer.media_type not in ("text/html", "text/plain"):
        return False
    if len(answer.text) < words.notice_characters and words.text["soft404"].search(answer.text):
        return True
    return len(answer.text) < words.titled_notice_characters and bool(words.text["soft404_title"].search(answer.title))


def _is_sent_home(request: SiteRequest, final_url: str) -> bool:
    """Whether a redirect led from a deeper address to the site's front page, which stands for nothing below it."""
    if not final_url or request.role == Role.ROOT:
        return False
    asked, answered = urlsplit(request.url), urlsplit(final_url)
    return asked.path not in ("", "/") and answered.path in ("", "/") and not answered.query


def _is_other_type(answer: _Answer, request: SiteRequest, words: AnswerWords) -> bool:
    """Whether a page came where the address or the header promised a file. HTML saved by Word as .doc is a file.

    A download script promises a file whatever it is called: what it answers with a few words is an error of its own.
    """
    if answer.media_type != "text/html":
        return False
    endings = _list_endings(request.url)
    declared = answer.headers.get("content-type", "").lower()
    if not endings and not declared.startswith(_FILE_TYPES):
        return request.role == Role.ATTACHMENT and len(answer.text) < words.notice_characters
    may_be_html = any(ending in _OFFICE_ENDINGS for ending in endings) or declared.startswith("application/msword")
    return not (may_be_html and words.office.search(answer.source))


def _list_endings(url: str) -> tuple[str, ...]:
    """Kinds of file that an address promises, in its path or in a parameter of a download script."""
    parts = urlsplit(url)
    names = [unquote(parts.path), *(value for _, value in parse_qsl(parts.query))]
    return tuple(found[1].lower() for name in names if (found := _FILE_ENDING.search(name)))


def _compile(patterns: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)
