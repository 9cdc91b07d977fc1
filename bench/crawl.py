"""What crawling costs at many hosts, beside Scrapy on the same servers, and what it brings home through faults.

Belongs here: starting servers and crawlers in processes of their own, and what is measured of them. Does not belong
here: the servers (tests/sites), the crawlers' own scripts (crawl_ours.py, crawl_scrapy.py), showing figures
(crawl_page.py).
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from bench.crawl_ours import crawl_columns
from bench.machine import describe_machine
from pipeline.archive.captures import CaptureLog
from pipeline.crawl.policy import Pace
from pipeline.paths import REPO_ROOT, DataPaths
from tests.sites import FAMILIES, Faults, RunningSite, SitePlan, start_sites

# Ours is a module of this repository; the other interpreter knows nothing of it
_OURS = ("-m", "bench.crawl_ours")
_SCRAPY = str(Path(__file__).with_name("crawl_scrapy.py"))
# Where documents fail and not hosts, no host is to be given up
_FAULTLESS_BREAKER = 100_000


@dataclass(frozen=True, slots=True)
class CrawlSettings:
    """How much is crawled. delay_seconds is the pause between two requests to a host, threads how many at a time.

    peers: an interpreter that has Scrapy, None to leave it out. faulty_documents: how many documents stand on the
    sites with faults; faulty_share is the part of the addresses that suffers one.
    """

    hosts: int = 1_500
    documents: int = 4
    delay_seconds: float = 0.05
    threads: int = 32
    seed: int = 1
    peers: Path | None = None
    faulty_documents: int = 2_000
    faulty_share: float = 0.4


QUICK_CRAWL = CrawlSettings(hosts=60, faulty_documents=200)


@dataclass(frozen=True, slots=True)
class CrawlTiming:
    """One crawler over all hosts. Requests and documents as the servers saw them; the rest of its own process.

    base_mb is what the process held before the crawl, peak_mb the most it held.
    """

    crawler: str
    requests: int
    documents: int
    expected_documents: int
    least_gap_seconds: float
    cpu_ms_per_request: float
    base_mb: float
    peak_mb: float
    seconds: float


def measure_crawl(settings: CrawlSettings) -> dict[str, Any]:
    """Both measurements, as one JSON object; takes minutes. RuntimeError with what a crawler said when it fails."""
    skipped = explain_missing_scrapy(settings.peers)
    commands = {"ours": [sys.executable, *_OURS]}
    if settings.peers is not None and not skipped:
        commands[f"Scrapy {_ask_version(settings.peers)}"] = [str(settings.peers), _SCRAPY]
    with _serve_apart(settings) as sites:
        timings = [_time_crawler(name, command, settings, sites) for name, command in commands.items()]
    return {
        "machine": describe_machine(),
        "settings": {name: value for name, value in asdict(settings).items() if name != "peers"},
        "skipped": {"Scrapy": skipped} if skipped else {},
        "crawlers": [asdict(timing) for timing in timings],
        "faults": measure_faults(settings),
    }


def explain_missing_scrapy(peers: Path | None) -> str:
    """Why Scrapy is not measured, '' where it is."""
    if peers is None:
        return "no --peers Python with Scrapy was named"
    found = subprocess.run([str(peers), "-c", "import scrapy"], capture_output=True, check=False)
    return "" if found.returncode == 0 else f"{peers.name} of --peers has no Scrapy: pip install scrapy"


def measure_faults(settings: CrawlSettings) -> dict[str, Any]:
    """One night over sites of every family with faults of every kind, and what it came to."""
    hosts = max(1, settings.faulty_documents // 100)
    plans = [
        SitePlan(
            FAMILIES[number % len(FAMILIES)],
            documents=settings.faulty_documents // hosts,
            first_number=2 * number * settings.faulty_documents // hosts,
            per_page=20,
            faults=Faults(share=settings.faulty_share, seed=settings.seed * 1_000 + number),
        )
        for number in range(hosts)
    ]
    pace = Pace(
        least_delay=settings.delay_seconds,
        longest_delay=10 * settings.delay_seconds,
        latency_factor=0.0,
        jitter_share=0.0,
        retry_waits=(0.5, 1.0, 2.0),
        breaker_failures=_FAULTLESS_BREAKER,
    )
    with start_sites(plans) as sites, tempfile.TemporaryDirectory(prefix="touming-crawl-") as root:
        columns = [site.column_url for site in sites]
        summary = crawl_columns(Path(root), columns, pace, settings.threads)
        log = CaptureLog(DataPaths(Path(root)).captures).read()
        stored = {each.origin_text: str(each.sha256) for each in log if each.sha256 is not None}
        return {
            "hosts": hosts,
            "delay_seconds": settings.delay_seconds,
            "seconds": round(summary.elapsed_seconds, 1),
            "attempts": summary.attempt_count,
            "outcomes": dict(summary.outcome_counts),
            **_sum_up_faults(sites, stored),
        }


def _sum_up_faults(sites: list[RunningSite], stored: dict[str, str]) -> dict[str, Any]:
    obtainable = {url for site in sites for url in site.obtainable}
    faulty = Counter(kind for site in sites for kind in site.faults_by_url.values())
    return {
        "documents": sum(len(site.expected) for site in sites),
        "obtainable": len(obtainable),
        "stored": len(obtainable & stored.keys()),
        "invented": len({url for site in sites for url in site.unavailable} & stored.keys()),
        "faulty": dict(sorted(faulty.items())),
        "least_gap_seconds": min(gap for site in sites for gap in site.list_gaps()),
    }


@dataclass(frozen=True, slots=True)
class _SitesApart:
    """The sites in a process of their own, and their columns."""

    columns: list[str]
    asking: IO[str]
    answering: IO[str]

    def sum_up(self) -> dict[str, float]:
        """What the sites have seen since they were last asked."""
        self.asking.write("\n")
        self.asking.flush()
        seen: dict[str, float] = json.loads(self.answering.readline())
        return seen


@contextmanager
def _serve_apart(settings: CrawlSettings) -> Iterator[_SitesApart]:
    command = [sys.executable, "-m", "tests.sites", "--hosts", str(settings.hosts)]
    command += ["--documents", str(settings.documents), "--seed", str(settings.seed)]
    with subprocess.Popen(command, cwd=REPO_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        yield _SitesApart(json.loads(server.stdout.readline()), server.stdin, server.stdout)
        server.stdin.close()


def _time_crawler(name: str, command: list[str], settings: CrawlSettings, sites: _SitesApart) -> CrawlTiming:
    with tempfile.TemporaryDirectory(prefix="touming-crawl-") as root:
        task = {"root": root, "columns": sites.columns}
        task |= {"delay_seconds": settings.delay_seconds, "threads": settings.threads}
        ended = subprocess.run(
            command, cwd=REPO_ROOT, input=json.dumps(task), capture_output=True, text=True, check=False
        )
    if ended.returncode:
        raise RuntimeError(f"{command[-1]} failed: {ended.stderr[-1_000:]}")
    own, seen = json.loads(ended.stdout.splitlines()[-1]), sites.sum_up()
    return CrawlTiming(
        crawler=name,
        requests=int(seen["requests"]),
        documents=int(seen["sent"]),
        expected_documents=int(seen["expected"]),
        least_gap_seconds=round(seen["least_gap_seconds"], 4),
        cpu_ms_per_request=round(1_000 * own["cpu_seconds"] / max(1, seen["requests"]), 3),
        base_mb=round(own["base_mb"], 1),
        peak_mb=round(own["peak_mb"], 1),
        seconds=round(own["seconds"], 1),
    )


def _ask_version(python: Path) -> str:
    script = "import importlib.metadata as m; print(m.version('scrapy'))"
    return subprocess.run([str(python), "-c", script], capture_output=True, text=True, check=True).stdout.strip()
