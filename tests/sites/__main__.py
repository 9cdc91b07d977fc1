"""Serve many sites in a process of their own: `python -m tests.sites --hosts 1500 --documents 4`.

Prints the column addresses of the sites as one line of JSON, then for every line on stdin what the sites have seen
since the last one, and ends with stdin.
"""

from __future__ import annotations

import argparse
import json
import sys

from tests.sites.model import SitePlan
from tests.sites.server import RunningSite, start_sites


def main() -> None:
    """Serve until stdin ends."""
    parser = argparse.ArgumentParser(prog="python -m tests.sites", description=__doc__)
    parser.add_argument("--hosts", type=int, required=True)
    parser.add_argument("--documents", type=int, required=True)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    plans = [
        SitePlan("trs_static", documents=options.documents, per_page=3, seed=options.seed, first_number=number)
        for number in range(options.hosts)
    ]
    with start_sites(plans) as sites:
        say([site.column_url for site in sites])
        for _ in sys.stdin:
            say(sum_up(sites))
            for site in sites:
                site.log.clear()
                site.sent_bodies.clear()


def say(words: object) -> None:
    """One line of JSON on stdout."""
    sys.stdout.write(f"{json.dumps(words)}\n")
    sys.stdout.flush()


def sum_up(sites: list[RunningSite]) -> dict[str, float]:
    """Requests, documents expected and documents sent whole, and the least pause between two requests to one host."""
    gaps = [gap for site in sites for gap in site.list_gaps()]
    return {
        "requests": sum(len(site.log) for site in sites),
        "expected": sum(len(site.expected) for site in sites),
        "sent": sum(len(site.sent_bodies) for site in sites),
        "least_gap_seconds": min(gaps, default=0.0),
    }


if __name__ == "__main__":
    main()
