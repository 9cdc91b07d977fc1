"""How much one attempt may cost, and how the crawl names itself to servers.

Belongs here: the caps that fetching keeps, the user agent. Does not belong here: how often a host is asked (policy.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.sources.model import Role

AGENT_NAME = "ToumingBot"
_AGENT = re.compile(r"(?P<product>[A-Za-z][A-Za-z0-9_-]*)/[\w.+-]+ \(\+https?://[^\s;()]+; ?[^\s()]+\)", re.ASCII)
_MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """Caps on one attempt: seconds, bytes after decompression, hops.

    read_seconds is the longest silence of a server, total_seconds the whole attempt without the waits between hops.
    An answer may inflate to max_inflation times its compressed size once it is larger than free_inflation_bytes.
    """

    connect_seconds: float = 10.0
    read_seconds: float = 60.0
    total_seconds: float = 300.0
    page_bytes: int = 20 * _MEGABYTE
    attachment_bytes: int = 100 * _MEGABYTE
    max_redirects: int = 5
    max_inflation: int = 200
    free_inflation_bytes: int = _MEGABYTE

    def cap_bytes(self, role: Role, declared_type: str) -> int:
        """The cap for an answer: a report may be a file itself, so only what calls itself text is held to a page's."""
        is_page = not declared_type or declared_type.lower().startswith("text/")
        return self.page_bytes if is_page and role != Role.ATTACHMENT else self.attachment_bytes


def make_user_agent(version: str, project_url: str, contact: str) -> str:
    """The crawl's name for servers: who it is, where it is explained, whom to write to. ValueError if one lacks."""
    agent = f"{AGENT_NAME}/{version} (+{project_url}; {contact})"
    check_user_agent(agent)
    return agent


def check_user_agent(agent: str) -> str:
    """The product token of an honest user agent, which robots.txt addresses; ValueError for any other text.

    Honest is name/version (+address of the project; contact): nothing that could pass for a browser.
    """
    found = _AGENT.fullmatch(agent)
    if found is None or found["product"].lower() == "mozilla":
        raise ValueError(
            f"user agent {agent!r} does not say who crawls: write name/version (+https://project; mail@address), "
            "with the address of a page that explains the crawl and one that reaches a person"
        )
    return found["product"]
