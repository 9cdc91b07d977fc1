"""Invented reports whose numbers agree with each other, any count, the same for the same seed and number.

Belongs here: drawing names and figures, and breaking an identity on purpose.
Does not belong here: real figures, layouts.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from bench.model import SimulatedReport, parse_printed
from bench.narrative import compose_narrative
from bench.wording import list_form_codes, list_outcome_rows, load_names, load_wording

FIRST_YEAR = 2021
YEARS = 5
APPLICANTS = (
    "natural_person",
    "legal_commercial",
    "legal_research",
    "legal_public_interest",
    "legal_law_service",
    "legal_other",
)
# How often an applicant of each kind asks, and how often a request ends in each outcome: roughly as published.
APPLICANT_WEIGHTS = (90, 7, 1, 1, 1, 1)
OUTCOME_WEIGHTS = {"granted": 40, "granted_partial": 8, "unavailable_not_held": 25, "unavailable_needs_creation": 4}
QUIET_SHARE = 0.45


def simulate_reports(count: int, seed: int) -> Iterator[SimulatedReport]:
    """Reports 0 to count-1 of a seed: every agency's years in a row, requests carried over between them."""
    for number in range(count):
        yield simulate_report(number, seed)


def simulate_report(number: int, seed: int) -> SimulatedReport:
    """One report whose balance identities all hold; raises ValueError past the number of agencies that can be named."""
    agency_number, year_number = divmod(number, YEARS)
    return simulate_agency_year(name_agency(agency_number), FIRST_YEAR + year_number, seed)


def simulate_agency_year(agency_name: str, report_year: int, seed: int, full_name: str = "") -> SimulatedReport:
    """The report of one agency and year; the same arguments always give the same report.

    full_name: what tells the agency from others, where its printed name does not.
    """
    key = full_name or agency_name
    rng = random.Random(f"{seed}/{key}/{report_year}")
    activity = 0 if random.Random(f"{seed}/{key}").random() < QUIET_SHARE else rng.choice((3, 20, 150))
    cells = dict.fromkeys(list_form_codes(), 0)
    carried = (_draw_carried(key, year, seed, activity) for year in (report_year - 1, report_year))
    _fill_requests(cells, *carried, activity=activity, rng=rng)
    _fill_disputes(cells, activity, rng)
    printed = {code: str(value) for code, value in cells.items()} | _draw_proactive(rng)
    return SimulatedReport(
        agency_name=agency_name,
        report_year=report_year,
        title=load_names()["title"].format(agency=agency_name, year=report_year),
        cells=printed,
        narrative=compose_narrative(agency_name, report_year, printed, rng),
        published=dt.date(report_year + 1, 1, 5) + dt.timedelta(days=rng.randrange(80)),
    )


def name_agency(number: int) -> str:
    """The name of simulated agency `number`: county organs first, then invented towns."""
    names = load_names()
    counties, organs, towns = names["counties"], names["organs"], names["towns"]
    index, county = divmod(number, len(counties))
    if index < len(organs):
        return f"{counties[county]}{organs[index]}"
    second, first = divmod(index - len(organs), len(towns["first"]))
    if second >= len(towns["second"]):
        limit = len(counties) * (len(organs) + len(towns["first"]) * len(towns["second"]))
        raise ValueError(
            f"figures/names.yml names {limit} agencies, number {number} asked for: add counties or towns there"
        )
    return f"{counties[county]}{towns['first'][first]}{towns['second'][second]}{towns['suffix']}"


def break_row_total(report: SimulatedReport, row: str) -> SimulatedReport:
    """The same report with the printed total of one row of table 3 one too high: a source that contradicts itself."""
    code = f"requests.{row}.total"
    value = parse_printed(report.cells[code])
    if value is None:
        raise ValueError(f"{code} prints no number: choose a row with a total")
    return replace(report, cells={**report.cells, code: str(value + 1)})


def list_broken_rules(cells: Mapping[str, str]) -> list[str]:
    """`<rule> <place>` of every sum the printed numbers contradict; sums with a blank operand don't count."""
    broken = []
    for name, left, right in _list_sums(cells):
        sides = [[parse_printed(cells.get(code, "")) for code in side] for side in (left, right)]
        known = [[value for value in side if value is not None] for side in sides]
        if known == sides and sum(known[0]) != sum(known[1]):
            broken.append(name)
    return broken


def _list_sums(cells: Mapping[str, str]) -> Iterator[tuple[str, list[str], list[str]]]:
    """Name and both sides of every sum of the form, for the rows of the last group as this report prints them."""
    requests, disputes = load_wording()["requests"], load_wording()["disputes"]
    replacing = next(row for row in requests["rows"] if "replaces" in row)
    unprinted = replacing["replaces"] if f"requests.{replacing['code']}.total" in cells else [replacing["code"]]
    outcomes = [row["code"] for row in list_outcome_rows() if row["code"] not in unprinted]
    for column in requests["columns"]:
        new, carried_in, disposed, carried_out = (
            f"requests.{row}.{column}" for row in ("new_received", "carried_in", "total_disposed", "carried_out")
        )
        yield f"R01 {column}", [new, carried_in], [disposed, carried_out]
        yield f"R02 {column}", [disposed], [f"requests.{row}.{column}" for row in outcomes]
    for row in requests["rows"]:
        columns = [f"requests.{row['code']}.{column}" for column in requests["columns"]]
        yield f"R03 {row['code']}", columns[-1:], columns[:-1]
    for row in disputes["rows"]:
        columns = [f"disputes.{row}.{column}" for column in disputes["columns"]]
        yield f"R06 {row}", columns[-1:], columns[:-1]


def _draw_carried(agency_key: str, year: int, seed: int, activity: int) -> dict[str, int]:
    """What an agency carries out of a year, by applicant: drawn from agency and year alone, so that two years agree."""
    rng = random.Random(f"{seed}/{agency_key}/{year}/carried")
    quiet = activity == 0 or rng.random() < 0.5
    return {applicant: 0 if quiet or i > 1 else rng.randrange(4 - 2 * i) for i, applicant in enumerate(APPLICANTS)}


def _fill_requests(
    cells: dict[str, int],
    carried_in: Mapping[str, int],
    carried_out: Mapping[str, int],
    *,
    activity: int,
    rng: random.Random,
) -> None:
    outcomes = [row["code"] for row in list_outcome_rows() if "replaces" not in row]
    weights = [OUTCOME_WEIGHTS.get(code, 1) for code in outcomes]
    drawn = rng.choices(APPLICANTS, APPLICANT_WEIGHTS, k=rng.randrange(activity + 1))
    for applicant in APPLICANTS:
        received = max(drawn.count(applicant), carried_out[applicant] - carried_in[applicant])
        disposed = received + carried_in[applicant] - carried_out[applicant]
        fixed = {"new_received": received, "carried_in": carried_in[applicant]}
        fixed |= {"total_disposed": disposed, "carried_out": carried_out[applicant]}
        for row, value in fixed.items():
            cells[f"requests.{row}.{applicant}"] = value
        for outcome in rng.choices(outcomes, weights, k=disposed):
            cells[f"requests.{outcome}.{applicant}"] += 1
    for row in ("new_received", "carried_in", *outcomes, "total_disposed", "carried_out"):
        cells[f"requests.{row}.total"] = sum(cells[f"requests.{row}.{applicant}"] for applicant in APPLICANTS)


def _fill_disputes(cells: dict[str, int], activity: int, rng: random.Random) -> None:
    raw = load_wording()["disputes"]
    for row in raw["rows"]:
        for outcome in raw["columns"][:-1]:
            value = rng.randrange(max(1, activity // 10)) if rng.random() < 0.5 else 0
            cells[f"disputes.{row}.{outcome}"] = value
            cells[f"disputes.{row}.total"] += value


def _draw_proactive(rng: random.Random) -> dict[str, str]:
    issued, repealed = rng.randrange(12), rng.randrange(4)
    fee = Decimal(rng.randrange(1, 90_000_000)) / 10_000
    drawn = {
        "normative_docs.issued": issued,
        "normative_docs.repealed": repealed,
        "penalty.decisions": rng.randrange(400),
    }
    drawn |= {"normative_docs.in_force": issued + rng.randrange(60), "licensing.decisions": rng.randrange(6000)}
    drawn |= {"coercion.decisions": rng.randrange(30)}
    printed = {f"proactive.{code}": str(value) for code, value in drawn.items()}
    return printed | {"proactive.admin_fees.amount": str(fee) if rng.random() < 0.6 else "0"}
