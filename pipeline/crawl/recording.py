"""What an attempt brought, put into the archive: bytes, the line of the capture log, the files of a ZIP.

Belongs here: from a result to a capture. Does not belong here: what the result means for the next visit (decisions.py)
and the frontier.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl

from pipeline.archive.captures import MEMBER_MARK, Capture, CaptureLog, Fetch, make_capture, make_failed_capture
from pipeline.archive.container import list_members
from pipeline.archive.sniff import sniff_media_type
from pipeline.archive.store import BlobStore
from pipeline.crawl.changes import hash_content
from pipeline.crawl.decisions import Answer
from pipeline.crawl.entries import Entry, Following, Verdict
from pipeline.crawl.keys import encode_form, make_key
from pipeline.crawl.model import FetchResult, Outcome
from pipeline.paths import DataPaths
from pipeline.sources.model import Role, SiteRequest

_PATH_ROLES = (Role.ROOT, Role.LIST)


@dataclass(frozen=True, slots=True)
class Examined:
    """An attempt looked at: what decides about it, and its body with its media type (None, '' where it has none)."""

    answer: Answer
    body: bytes | None
    media_type: str


def examine_result(entry: Entry, result: FetchResult, *, is_kept: bool) -> Examined:
    """Hashes and media type of what an attempt brought, and whether anything that counts is different.

    is_kept: the bytes of the visit before are in the archive; where they are not, no bytes are taken for known.
    """
    headers = dict(reversed(result.headers))
    etag, last_modified = headers.get("etag", ""), headers.get("last-modified", "")
    is_redirected = make_key(replace(result.request.site, url=result.final_url)) != entry.key
    if result.outcome is not Outcome.STORED or result.body is None:
        return Examined(Answer(result.outcome, None, None, etag, last_modified, is_redirected), None, "")
    media_type = sniff_media_type(result.body)
    sha256 = hashlib.sha256(result.body).hexdigest()
    content = hash_content(result.body, media_type)
    outcome = Outcome.STORED
    if is_kept and content == entry.visit.content_sha256 and sha256 != entry.visit.sha256:
        outcome, sha256 = Outcome.UNCHANGED, entry.visit.sha256 or sha256
    return Examined(Answer(outcome, sha256, content, etag, last_modified, is_redirected), result.body, media_type)


class Recorder:
    """Writes captures; safe to share between threads."""

    def __init__(self, paths: DataPaths) -> None:
        self.store = BlobStore(paths.blobs)
        self.log = CaptureLog(paths.captures)

    def has_bytes(self, sha256: str | None) -> bool:
        """Whether a blob is there: a server is asked for news only of what is."""
        return sha256 is not None and self.store.path_of(sha256).is_file()

    def record(
        self, entry: Entry, result: FetchResult, examined: Examined, verdict: Verdict, leads_on: bool, now: float
    ) -> Capture | None:
        """Keep the bytes and log the capture; None for a guess that came to nothing. leads_on: it has children."""
        outcome = examined.answer.outcome
        moment = dt.datetime.fromtimestamp(now, dt.UTC)
        fetch = _describe_fetch(entry, result, examined, verdict)
        if outcome not in (Outcome.STORED, Outcome.UNCHANGED, Outcome.NOT_MODIFIED):
            if entry.is_guess:
                return None
            failed = make_failed_capture(entry.site.url, moment, fetch)
            self.log.append(failed)
            return failed
        if outcome is Outcome.STORED and examined.body is not None:
            sha256, media_type, size = self.store.put(examined.body), examined.media_type, len(examined.body)
        else:
            sha256 = examined.answer.sha256 or entry.visit.sha256 or ""
            kept = self.store.path_of(sha256).read_bytes()
            media_type, size = sniff_media_type(kept), len(kept)
        capture = make_capture(entry.site.url, sha256, moment, media_type, size, fetch)
        # A list that leads nowhere may be a report itself, misjudged: it is kept as a document
        if entry.site.role in _PATH_ROLES and (leads_on or outcome is not Outcome.STORED):
            capture = replace(capture, document_id=None)
        self.log.append(capture)
        if outcome is Outcome.STORED and examined.body is not None and verdict.change != "same":
            self._record_members(capture, examined.body)
        return capture

    def _record_members(self, parent: Capture, content: bytes) -> None:
        for member in list_members(content, parent.media_type or "").members:
            fetch = Fetch(
                parent_capture_id=parent.capture_id, source_id=parent.source_id, change_code=parent.change_code
            )
            origin = f"{parent.origin_text}{MEMBER_MARK}{member.name}"
            media_type = sniff_media_type(member.content)
            sha256 = self.store.put(member.content)
            self.log.append(make_capture(origin, sha256, parent.captured_at, media_type, len(member.content), fetch))


def leads_on(following: Following | None) -> bool:
    """Whether a page led anywhere."""
    return following is not None and bool(following.children)


def read_site(capture: Capture) -> SiteRequest | None:
    """The request that a capture answers; None for one that no site was asked for."""
    if capture.request_role_code is None:
        return None
    form = tuple(parse_qsl(capture.request_form_text or "", keep_blank_values=True))
    method = "GET" if capture.request_form_text is None else "POST"
    return SiteRequest(capture.origin_text, Role(capture.request_role_code), method, form)


def _describe_fetch(entry: Entry, result: FetchResult, examined: Examined, verdict: Verdict) -> Fetch:
    headers = dict(reversed(result.headers))
    was_asked = result.status is not None or result.elapsed_ms > 0
    has_bytes = examined.answer.outcome in (Outcome.STORED, Outcome.UNCHANGED, Outcome.NOT_MODIFIED)
    return Fetch(
        fetch_outcome_code=str(examined.answer.outcome),
        parent_capture_id=entry.parent_capture_id,
        final_url_text=result.final_url if result.status is not None else None,
        http_status=result.status,
        declared_media_type_text=headers.get("content-type"),
        etag_text=headers.get("etag"),
        last_modified_text=headers.get("last-modified"),
        source_id=entry.source_id,
        request_role_code=str(entry.site.role),
        request_form_text=encode_form(entry.site.form) if entry.site.method == "POST" else None,
        change_code=verdict.change,
        tls_mode_code=result.tls_mode or None,
        elapsed_ms=result.elapsed_ms if was_asked else None,
        fetch_message_text=None if has_bytes else (result.detail or None),
    )
