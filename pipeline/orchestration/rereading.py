"""From the documents a check found to reading them again: where each is, and what to type.

Belongs here: partition and origin of documents by id, the launchpad's config and the shell command, as metadata of the
UI. Does not belong here: finding documents at fault (the checks), and reading (reparse.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

import dagster as dg

from pipeline.archive.ledger import load_ledger
from pipeline.orchestration.batches import find_origins, place_of
from pipeline.orchestration.partitions import make_key
from pipeline.orchestration.tables_shown import render_table
from pipeline.paths import DataPaths

# What an address of the UI, and a person, can take
_DOCUMENTS_AT_ONCE = 50
# Under these names tables and samples have the id of a document
_ID_COLUMNS = ("document_id", "report_id", "page_document_id")
# Where the UI finds the job: the module of Definitions, as every way of starting it names it
_LAUNCHPAD = "/locations/pipeline.definitions/jobs/reparse/playground/setup?config="


@dataclass(frozen=True, slots=True)
class DocumentPlace:
    """Where a document is read and where it came from: partition as the UI names it (region|year), origin as logged."""

    partition: str
    origin: str


def find_places(paths: DataPaths, document_ids: Collection[str]) -> Mapping[str, DocumentPlace]:
    """The place of each of these documents that is known, by id. Reads ledger and capture log, unless there is none."""
    if not document_ids:
        return {}
    origins = find_origins(paths, document_ids)
    return {
        entry.document_id: DocumentPlace(str(make_key(place_of(entry))), origins.get(entry.document_id, ""))
        for entry in load_ledger(paths)
        if entry.document_id in document_ids
    }


def list_documents(rows: Iterable[Mapping[str, object]]) -> list[str]:
    """Ids of the documents that rows of some table or check are about, each once, in their order."""
    found = [str(row[column]) for row in rows for column in _ID_COLUMNS if row.get(column)]
    return list(dict.fromkeys(found))


def describe_rereading(document_ids: Sequence[str]) -> Mapping[str, dg.MetadataValue]:
    """How to read these documents again, the first fifty of them: a link to the filled-in launchpad, the config for
    it, the command. Nothing where there are none.
    """
    chosen = document_ids[:_DOCUMENTS_AT_ONCE]
    if not chosen:
        return {}
    # One document a line, since the UI does not break lines; in quotes, since some ids look like numbers
    listed = "".join(f'      - "{document_id}"\n' for document_id in chosen)
    config = f"ops:\n  reread_documents:\n    config:\n      document_ids:\n{listed}"
    command = " \\\n".join(["touming reparse", *(f"  --document {document_id}" for document_id in chosen)])
    link = f"[Launchpad of reparse, filled in]({_LAUNCHPAD}{quote(config, safe='')})"
    return {"read again": dg.MetadataValue.md(f"{link}\n\n```yaml\n{config}```\n\n```sh\n{command}\n```")}


def render_places(document_ids: Iterable[str], places: Mapping[str, DocumentPlace]) -> str:
    """A table of documents with partition and origin."""
    known = [(document_id, places[document_id]) for document_id in document_ids if document_id in places]
    rows = [(document_id, place.partition, place.origin) for document_id, place in known]
    return render_table(("document", "partition", "origin"), rows)
