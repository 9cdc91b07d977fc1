"""Table macros of the warehouse, as immutable objects, read from macros.yml.

Belongs here: what each macro takes and gives, in words and types. Does not belong here: its SELECT (sql/macros).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from pipeline.contract.ddl import describe, quote_text
from pipeline.contract.load import CONTRACT_ROOT, load_yaml
from pipeline.contract.marts import MartColumn, load_marts

MACRO_SCHEMA = "mart"


@dataclass(frozen=True, slots=True)
class MacroParameter:
    """One parameter and what it may be."""

    name: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class MacroSchema:
    """One macro by its schema-qualified name; columns are all that it gives, like is the mart that most of them are of.

    own_columns are those that no mart describes.
    """

    name: str
    zh: str
    en: str
    parameters: tuple[MacroParameter, ...]
    columns: tuple[MartColumn, ...]
    own_columns: tuple[MartColumn, ...]
    like: str

    @property
    def signature(self) -> str:
        """How it is called: mart.metrics(place, year)."""
        return f"{self.name}({', '.join(parameter.name for parameter in self.parameters)})"


@cache
def load_macros() -> Mapping[str, MacroSchema]:
    """Every macro by its name, in the order of macros.yml; KeyError for a `like` that is no mart."""
    macros = {}
    for short, raw in load_yaml(CONTRACT_ROOT / "macros.yml").items():
        name = f"{MACRO_SCHEMA}.{short}"
        like = raw.get("like", "")
        first, last = _columns(raw.get("columns", {})), _columns(raw.get("then", {}))
        macros[name] = MacroSchema(
            name=name,
            zh=raw["zh"],
            en=raw["en"],
            parameters=tuple(MacroParameter(p, text["zh"], text["en"]) for p, text in raw["parameters"].items()),
            columns=(*first, *(load_marts()[like].columns if like else ()), *last),
            own_columns=(*first, *last),
            like=like,
        )
    return macros


def macro_comment(macro: MacroSchema) -> str:
    """COMMENT ON MACRO of one macro: what it gives, then what each parameter may be."""
    parameters = "; ".join(f"{p.name}: {describe(p.zh, p.en)}" for p in macro.parameters)
    return f"COMMENT ON MACRO TABLE {macro.name} IS {quote_text(f'{describe(macro.zh, macro.en)}. {parameters}')}"


def _columns(raw: Mapping[str, Mapping[str, str]]) -> tuple[MartColumn, ...]:
    return tuple(
        MartColumn(name, text["type"], text["zh"], text["en"], text.get("unit", "")) for name, text in raw.items()
    )
