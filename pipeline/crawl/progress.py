"""What a crawl says about itself, while it runs and at its end.

Belongs here: the records, and counting attempts. Does not belong here: printing them (cli/, orchestration/).
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from pipeline.crawl.model import FetchResult, Outcome

_WITH_BYTES = (Outcome.STORED, Outcome.NOT_MODIFIED, Outcome.UNCHANGED)
_WORST_HOSTS = 20


@dataclass(frozen=True, slots=True)
class CrawlProgress:
    """How far a crawl is: requests done and waiting, answers with bytes, failures, hosts at work, bytes received."""

    done_count: int
    waiting_count: int
    answered_count: int
    failure_count: int
    host_count: int
    byte_count: int
    elapsed_seconds: float


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that no failure shows: a code, the source it is about ('' for the whole run), and a sentence."""

    code: str
    source_id: str
    message: str


@dataclass(frozen=True, slots=True)
class CrawlSummary:
    """What a crawl came to. Counts are of attempts; change_counts of answers by change_code.

    failures_by_host holds the hosts with most failures: (host, failures, the commonest outcome). resting are hosts left
    alone before their work was done: (host, why). waiting_count requests were left for later. is_complete: neither
    stopped nor out of time or budget.
    """

    run_id: str
    attempt_count: int
    outcome_counts: Mapping[str, int]
    change_counts: Mapping[str, int]
    byte_count: int
    elapsed_seconds: float
    latency_p95_ms: int
    source_count: int
    waiting_count: int
    is_complete: bool
    failures_by_host: tuple[tuple[str, int, str], ...]
    resting: tuple[tuple[str, str], ...]
    alarms: tuple[Alarm, ...]

    @property
    def answered_count(self) -> int:
        """Attempts that brought or confirmed bytes."""
        return sum(self.outcome_counts.get(outcome, 0) for outcome in _WITH_BYTES)

    @property
    def failure_counts(self) -> dict[str, int]:
        """Attempts that brought none, by outcome, commonest first."""
        failures = {code: n for code, n in self.outcome_counts.items() if code not in _WITH_BYTES}
        return dict(sorted(failures.items(), key=lambda item: (-item[1], item[0])))

    def describe(self) -> dict[str, Any]:
        """The summary as plain values."""
        return asdict(self)


@dataclass(slots=True)
class Tally:
    """Counts of a running crawl; add and read it from any thread."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    attempt_count: int = 0
    byte_count: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    changes: Counter[str] = field(default_factory=Counter)
    host_failures: dict[str, Counter[str]] = field(default_factory=dict)
    latencies_ms: list[int] = field(default_factory=list)

    def add(self, lane: str, result: FetchResult, outcome: Outcome, change: str | None) -> None:
        """Count one attempt and what became of it."""
        with self.lock:
            self.attempt_count += 1
            self.byte_count += len(result.body or b"")
            self.outcomes[outcome] += 1
            if change is not None:
                self.changes[change] += 1
            if outcome not in _WITH_BYTES:
                self.host_failures.setdefault(lane, Counter())[outcome] += 1
            if result.status is not None:
                self.latencies_ms.append(result.elapsed_ms)

    @property
    def answered_count(self) -> int:
        """Attempts that brought or confirmed bytes."""
        return sum(self.outcomes[outcome] for outcome in _WITH_BYTES)

    def find_worst_hosts(self) -> tuple[tuple[str, int, str], ...]:
        """The hosts with most failures: (host, failures, the commonest outcome)."""
        ranked = sorted(self.host_failures.items(), key=lambda item: (-item[1].total(), item[0]))
        return tuple((lane, found.total(), found.most_common(1)[0][0]) for lane, found in ranked[:_WORST_HOSTS])


def find_percentile(values: Sequence[int], share: float) -> int:
    """The value below which this share of the values lies; 0 of none."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0
