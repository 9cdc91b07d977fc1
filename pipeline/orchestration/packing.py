"""Documents that were read, packed for the way to the process that writes them: columns instead of rows.

Belongs here: rows that the contract refuses, which cost only their document. Does not belong here: the columns
themselves (facts/encoded.py), reading (reading.py), and what the packed documents are written to (storing.py).
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.facts.encoded import EncodedRows, encode_rows
from pipeline.facts.model import DocumentRows
from pipeline.facts.rows import failed_rows
from pipeline.issues import Issue, IssueCode
from pipeline.orchestration.reading import describe_error


def pack_documents(rows: Sequence[DocumentRows]) -> EncodedRows:
    """The rows of these documents as columns; a document whose rows the contract refuses is a failed one instead.

    Raises nothing but MemoryError.
    """
    try:
        return encode_rows(rows)
    except MemoryError:
        raise
    except Exception:  # one document is at fault, and each of them is looked at to find out which
        return encode_rows([_refuse_unstorable(one) for one in rows])


def _refuse_unstorable(rows: DocumentRows) -> DocumentRows:
    try:
        encode_rows([rows])
    except MemoryError:
        raise
    except Exception as error:
        issue = Issue(IssueCode.READER_CRASHED, describe_error(error))
        return failed_rows(rows.document_id, rows.partition_year, issue, rows.reader_version)
    return rows
