"""The registry of columns to watch: seeds.csv read strictly, every wrong line named.

Belongs here: reading and checking the rows. Does not belong here: what single hosts need (overrides.py) and whether an
address answers, which only a crawl can say.
"""

from __future__ import annotations

import csv
import ipaddress
import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from pipeline.paths import DataPaths
from pipeline.sources.families import load_families
from pipeline.sources.model import Role, Source
from pipeline.sources.overrides import TLS_PLAIN, HostOverride, find_override, load_overrides

SEEDS_FILE = Path(__file__).resolve().parent / "seeds.csv"
COLUMNS = (
    "source_id",
    "organ_name",
    "division_code",
    "division_level",
    "column_url",
    "family",
    "role",
    "expected_from_year",
    "last_verified_date",
    "is_enabled",
    "note_text",
)
AUTO_FAMILY = "auto"
_CODE_SHAPES = {
    "province": r"\d\d0000",
    "prefecture": r"\d\d(?!00)\d\d00",
    "county": r"\d{4}(?!00)\d\d",
    "township": r"\d{9}",
}
_LOCAL_ENDINGS = ("localhost", ".local", ".internal", ".lan", ".home", ".test", ".invalid", ".example")
_FIRST_YEAR, _LAST_YEAR = 2007, 2100


class RegistryError(ValueError):
    """A data file of this room is wrong. The message has one line per fault: file, line, what is wrong, what to do."""


def load_sources(paths: DataPaths | None = None) -> tuple[Source, ...]:
    """Every row of seeds.csv in the file's order; RegistryError names all wrong lines at once.

    With the paths of a data folder, the rows of its own sources.csv too: one with a source_id of seeds.csv takes the
    place of that row, so that a column can be switched off or corrected outside the checkout.
    """
    shipped = _load_shipped()
    if paths is None:
        return shipped
    try:
        overrides = load_overrides(paths)
    except ValueError as error:
        raise RegistryError(f"{paths.overrides}: {error}") from None
    if not paths.sources.is_file():
        return shipped
    with paths.sources.open(encoding="utf-8-sig", newline="") as stream:
        own = parse_sources(stream, overrides, str(paths.sources))
    by_id = {source.source_id: source for source in (*shipped, *own)}
    return tuple(by_id.values())


@cache
def _load_shipped() -> tuple[Source, ...]:
    with SEEDS_FILE.open(encoding="utf-8-sig", newline="") as stream:
        return parse_sources(stream, load_overrides())


def parse_sources(
    lines: Iterable[str], overrides: Mapping[str, HostOverride], file_name: str = SEEDS_FILE.name
) -> tuple[Source, ...]:
    """Sources from the lines of a seeds file; lines that begin with # and empty lines are skipped."""
    numbered = [(number, line) for number, line in enumerate(lines, 1) if line.strip() and not line.startswith("#")]
    if not numbered or tuple(next(csv.reader([numbered[0][1]]))) != COLUMNS:
        raise RegistryError(f"{file_name}: the first line must name the columns {','.join(COLUMNS)}")
    faults: list[str] = []
    sources: dict[str, Source] = {}
    for number, line in numbered[1:]:
        fields = next(csv.reader([line]))
        if len(fields) != len(COLUMNS):
            faults.append(f"{file_name} line {number}: {len(fields)} fields, expected {len(COLUMNS)}; count the commas")
            continue
        row = dict(zip(COLUMNS, (field.strip() for field in fields), strict=True))
        found = [*_check_row(row), *_check_address(row["column_url"], overrides)]
        if row["source_id"] in sources:
            found.append(f"source_id {row['source_id']!r} is given twice; an id belongs to one column")
        faults += [f"{file_name} line {number}: {fault}" for fault in found]
        if not found:
            sources[row["source_id"]] = _make_source(row)
    if faults:
        raise RegistryError("\n".join(faults))
    return tuple(sources.values())


def _check_row(row: Mapping[str, str]) -> list[str]:
    faults = []
    if not re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", row["source_id"]):
        faults.append(f"source_id {row['source_id']!r} must be lower-case words and digits joined by hyphens")
    if not row["organ_name"]:
        faults.append("organ_name is empty; write the organ as it names itself")
    shape = _CODE_SHAPES.get(row["division_level"])
    if shape is None:
        faults.append(f"division_level {row['division_level']!r} is none of {', '.join(_CODE_SHAPES)}")
    elif not re.fullmatch(shape, row["division_code"], re.ASCII):
        faults.append(f"division_code {row['division_code']!r} is no code of a {row['division_level']}")
    if row["family"] != AUTO_FAMILY and row["family"] not in load_families():
        faults.append(f"family {row['family']!r} is neither auto nor in families.toml")
    if row["role"] not in (Role.LIST, Role.ROOT):
        faults.append(f"role {row['role']!r} must be list or root")
    if row["is_enabled"] not in ("yes", "no"):
        faults.append(f"is_enabled {row['is_enabled']!r} must be yes or no")
    return faults + _check_times(row["expected_from_year"], row["last_verified_date"])


def _check_times(year: str, verified: str) -> list[str]:
    faults = []
    if year and not (year.isascii() and year.isdigit() and _FIRST_YEAR <= int(year) <= _LAST_YEAR):
        faults.append(f"expected_from_year {year!r} is no year from {_FIRST_YEAR} on; leave it empty if not known")
    try:
        if verified and date.fromisoformat(verified).isoformat() != verified:
            raise ValueError
    except ValueError:
        faults.append(f"last_verified_date {verified!r} is no date YYYY-MM-DD; leave it empty if nobody looked")
    return faults


def _check_address(url: str, overrides: Mapping[str, HostOverride]) -> list[str]:
    """What is wrong with a column's address: scheme, host, port, or an inner network that a site can't be in."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        return [f"column_url {url!r} is no address: {error}"]
    override = find_override(overrides, host)
    faults = []
    if parts.scheme not in ("https", "http") or not host or parts.username or parts.fragment or not url.isascii():
        faults.append(f"column_url {url!r} must be an ASCII https or http address without user and fragment")
    elif parts.scheme == "http" and (override is None or override.tls != TLS_PLAIN):
        faults.append(
            f"column_url {url!r} is plain http: declare tls = 'plain' for {host} in overrides.toml, or use https"
        )
    if is_inner_host(host):
        faults.append(f"column_url {url!r} names an inner or local host")
    if port not in (None, 80, 443) and (override is None or port not in override.ports):
        faults.append(f"column_url {url!r} uses port {port}: declare it in ports of {host} in overrides.toml")
    return faults


def is_inner_host(host: str) -> bool:
    """Whether a host name is local by its form: no dot, a local ending, or an address that is not public."""
    bare = host.strip("[]").rstrip(".").lower()
    try:
        return not ipaddress.ip_address(bare).is_global
    except ValueError:
        pass
    # 127.1, 0x7f.1 and 2130706433 are addresses to the system though not to the parser: no name ends in a number
    last = bare.rsplit(".", 1)[-1]
    return "." not in bare or bare.endswith(_LOCAL_ENDINGS) or bool(re.fullmatch(r"\d+|0x[0-9a-f]*", last))


def _make_source(row: Mapping[str, str]) -> Source:
    return Source(
        source_id=row["source_id"],
        organ_name=row["organ_name"],
        division_code=row["division_code"],
        division_level=row["division_level"],
        column_url=row["column_url"],
        family=row["family"],
        role=Role(row["role"]),
        expected_from_year=int(row["expected_from_year"]) if row["expected_from_year"] else None,
        last_verified_date=row["last_verified_date"],
        is_enabled=row["is_enabled"] == "yes",
        note_text=row["note_text"],
    )
