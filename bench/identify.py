"""How fast and how well names are identified: simulated names of every kind, whose agencies are known.

Belongs here: drawing names and evidence over the whole gazetteer, resolving them on one core, counting. Does not belong
here: names as people print them (tests/unit/agencies/labelled.csv).
"""

from __future__ import annotations

import random
import resource
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pipeline.agencies.model import Confidence, OrganEvidence
from pipeline.agencies.registry import Registry
from pipeline.agencies.resolve import resolve_organ
from pipeline.agencies.weighing import Resolver, load_resolver
from pipeline.contract.divisions import Division, load_gazetteer

_ORGANS = (
    *("人民政府", "人民政府办公室", "教育局", "发改委", "财政局", "卫生健康委员会", "自然资源和规划局", "税务局"),
    *("市场监督管理局", "花木节办公室"),
)
_SHARE_OF_TOWNS = 0.3
_YEAR = 2022


@dataclass(frozen=True, slots=True)
class IdentificationFigures:
    """What a run came to. outcomes: right, wrong, confident error, ambiguous, unknown -> names; memory in MiB."""

    name_count: int
    outcomes: dict[str, int]
    cpu_seconds: float
    first_seconds: float
    memory_mebibytes: float


def measure_identification(name_count: int, seed: int) -> IdentificationFigures:
    """Draw names and resolve them one by one. What is loaded for the first one is timed with it."""
    before = _peak_mebibytes()
    drawn = list(draw_names(name_count, seed))
    drawn_mebibytes = _peak_mebibytes() - before
    started = time.process_time()
    resolver = replace(load_resolver(), registry=Registry({}, {}))
    first_seconds = 0.0
    outcomes: Counter[str] = Counter()
    for evidence, division in drawn:
        outcomes[_judge(evidence, division, resolver)] += 1
        first_seconds = first_seconds or time.process_time() - started
    cpu_seconds = time.process_time() - started
    memory = _peak_mebibytes() - before - drawn_mebibytes
    return IdentificationFigures(name_count, dict(sorted(outcomes.items())), cpu_seconds, first_seconds, memory)


def draw_names(name_count: int, seed: int) -> Iterator[tuple[OrganEvidence, Division]]:
    """Names and evidence, each with the division it belongs to; the same seed gives the same."""
    draw = random.Random(seed)
    gazetteer = load_gazetteer()
    present = [division for division in gazetteer if division.valid_to is None]
    towns = [division for division in present if division.level == "township"]
    others = [division for division in present if division.level in ("county", "prefecture")]
    for number in range(name_count):
        division = draw.choice(towns if draw.random() < _SHARE_OF_TOWNS else others)
        above = gazetteer.ancestors(division.code)
        organ = "人民政府" if division.level == "township" else draw.choice(_ORGANS)
        places = [*(each.name for each in above[len(above) - draw.randrange(len(above) + 1) :]), division.name]
        texts = draw.choice(_evidence(above, division))
        yield OrganEvidence("".join(places) + organ, f"d{number}", _YEAR, texts), division


def _evidence(above: Sequence[Division], division: Division) -> list[dict[str, str]]:
    owner = above[-1] if division.level == "township" and above else division
    return [
        {},
        {"site_code": f"{owner.code}0001"},
        {"site_name": f"{owner.name}人民政府门户网站"},
        {"opening": f"本报告由{owner.name}人民政府办公室编制，统计期限自1月1日起至12月31日止。" * 3},
    ]


def _judge(evidence: OrganEvidence, division: Division, resolver: Resolver) -> str:
    match = resolve_organ(evidence, resolver)
    if not match.is_settled:
        return str(match.confidence)
    if match.region_code == division.code:
        return "right"
    return "confident error" if match.confidence is Confidence.CERTAIN else "wrong"


def _peak_mebibytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
