"""The fetcher that this project crawls with: its name for servers, the hosts it may ask.

Belongs here: putting fetching and the register together. Does not belong here: fetching (net.py).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version

from pipeline.crawl.limits import make_user_agent
from pipeline.crawl.net import Fetcher
from pipeline.sources.model import Source
from pipeline.sources.overrides import HostOverride, load_overrides, make_host_filter

URL_VARIABLE = "TOUMING_CRAWL_URL"
CONTACT_VARIABLE = "TOUMING_CRAWL_CONTACT"


class AgentUnnamedError(ValueError):
    """Nobody said who crawls."""


def make_fetcher(
    sources: Sequence[Source],
    allowed_host: Callable[[str], bool] | None = None,
    overrides: Mapping[str, HostOverride] | None = None,
) -> Fetcher:
    """A fetcher for the hosts of these sources and those declared for their attachments, or for `allowed_host` alone.

    overrides: what single hosts need, else what the checkout says of them.
    Who crawls must be said in the environment: AgentUnnamedError tells how. The address and the contact go into every
    request, so that whoever runs a site can ask for it to stop.
    """
    url, contact = os.environ.get(URL_VARIABLE, ""), os.environ.get(CONTACT_VARIABLE, "")
    try:
        agent = make_user_agent(version("touming"), url, contact)
    except ValueError as error:
        raise AgentUnnamedError(
            f"{error}: set {URL_VARIABLE} to a page that explains the crawl and {CONTACT_VARIABLE} to a mail address"
        ) from None
    overrides = load_overrides() if overrides is None else overrides
    allowed = allowed_host or make_host_filter(sources, overrides)
    return Fetcher(user_agent=agent, allowed_hosts=allowed, overrides=overrides)
