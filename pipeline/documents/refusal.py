"""The one exception of this room: a document that no reader can turn into blocks.

Belongs here: the exception. Does not belong here: damage that leaves a readable rest; that is an Issue of the Document.
"""

from __future__ import annotations

from pipeline.issues import Issue, IssueCode


class DocumentRefused(Exception):  # noqa: N818 (a refusal is an outcome of reading, not a fault of the program)
    """Reading stopped before there was anything to return; `issue` says why, and becomes the document's row."""

    def __init__(self, code: IssueCode, message: str) -> None:
        """Refuse with an issue about the whole document."""
        # Both as args, so that the exception survives pickling between processes
        super().__init__(code, message)
        self.issue = Issue(code, message)

    def __str__(self) -> str:
        return self.issue.message
