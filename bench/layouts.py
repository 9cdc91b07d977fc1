"""The layouts by name.

Belongs here: the one list of layouts. Does not belong here: any layout.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bench.model import Rendering, SimulatedReport
from bench.render_html import render_page, render_word
from bench.render_text import render_lines, render_markdown, render_plain, render_tabs

LAYOUTS: Mapping[str, Callable[[SimulatedReport], Rendering]] = {
    "plain": render_plain,
    "markdown": render_markdown,
    "lines": render_lines,
    "tabs": render_tabs,
    "page": render_page,
    "word": render_word,
}
