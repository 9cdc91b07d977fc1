"""Tables of text.

Belongs here: how wide a table is and when it has colour. Does not belong here: what is in it.
"""

from __future__ import annotations

import sys
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

# In a pipe there is no window to fit into; lines are for another program or a file
_PIPE_WIDTH = 200


def open_console(stream: IO[str] | None = None) -> Console:
    """A console on stdout, or on a file. Colour and the window's width only on a terminal; NO_COLOR is honoured."""
    from rich.console import Console

    out = stream or sys.stdout
    width = None if out.isatty() else _PIPE_WIDTH
    return Console(file=out, width=width, highlight=False, markup=False, emoji=False, soft_wrap=False)
