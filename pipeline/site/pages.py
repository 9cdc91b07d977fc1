"""The pages: one template each, written with what stays the same whatever a reader chooses.

Belongs here: the list of pages and rendering them. Does not belong here: what is loaded on demand, which scripts draw.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import jinja2

from pipeline.site.labels import SITE_ROOT, load_labels, show_both, show_text

# page -> whether it draws charts
PAGES: Mapping[str, bool] = {
    "index": True,
    "agencies": False,
    "agency": True,
    "compare": True,
    "coverage": True,
    "quality": True,
    "report": False,
    "activity": True,
    "revisions": False,
    "dictionary": False,
    "downloads": False,
    "questions": False,
    "methods": False,
}
# Pages of one agency and one report are reached from others
NAVIGATION = tuple(page for page in PAGES if page not in ("agency", "report"))
_PLOTLY = Path("package_data") / "plotly.min.js"


def write_pages(folder: Path, content: Mapping[str, Any]) -> None:
    """Write <page>.html of each page, the assets, and the charts' JavaScript out of the installed plotly."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(SITE_ROOT / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(t=show_text, both=show_both, texts=load_labels().texts, codes=load_labels().codes)
    for page, has_charts in PAGES.items():
        html = environment.get_template(f"{page}.html").render(
            page=page, has_charts=has_charts, navigation=NAVIGATION, methods=load_labels().methods, **content
        )
        (folder / f"{page}.html").write_text(html, encoding="utf-8")
    shutil.copytree(SITE_ROOT / "assets", folder / "assets")
    shutil.copyfile(_find_plotly(), folder / "assets" / "plotly.min.js")


def _find_plotly() -> Path:
    # Its bundle alone is wanted; importing the package would take a second
    found = find_spec("plotly")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("plotly is not installed; its JavaScript draws the charts: pip install plotly")
    return Path(found.origin).parent / _PLOTLY
