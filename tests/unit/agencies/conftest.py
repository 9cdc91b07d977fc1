"""Resolving in one line, with the contract's data or with a gazetteer of a test's own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest

from pipeline.agencies.model import OrganEvidence, OrganMatch
from pipeline.agencies.regions import Places
from pipeline.agencies.registry import Registry
from pipeline.agencies.resolve import resolve_organ
from pipeline.agencies.weighing import Resolver, load_resolver
from pipeline.contract.divisions import Gazetteer

Resolve = Callable[..., OrganMatch]


@pytest.fixture(scope="session")
def unsettled() -> Resolver:
    """The contract's data without what people have settled: what the rules find by themselves."""
    return replace(load_resolver(), registry=Registry({}, {}))


@pytest.fixture(scope="session")
def resolve(unsettled: Resolver) -> Resolve:
    """resolve(name, year, resolver=…, document_id=…, kind of evidence=text …), by default without settled agencies."""

    def resolve_name(
        name: str,
        year: int | None = 2022,
        resolver: Resolver | None = None,
        document_id: str = "d1",
        **texts: str,
    ) -> OrganMatch:
        return resolve_organ(OrganEvidence(name, document_id, year, texts), resolver or unsettled)

    return resolve_name


@pytest.fixture(scope="session")
def make_resolver(unsettled: Resolver) -> Callable[[Iterable[str]], Resolver]:
    """A resolver over a gazetteer of these lines (code,name,level,parent,from,to,successors), sorted by code."""

    def make(lines: Iterable[str]) -> Resolver:
        return replace(unsettled, places=Places(Gazetteer([f"{line},test" for line in sorted(lines)])))

    return make
