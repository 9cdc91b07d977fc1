"""How the documentation becomes pages: `make docs`, by Sphinx, without any request to another host.

Belongs here: which pages there are, their order in the navigation, the theme. Does not belong here: text; that is in
the Markdown files, which read on their own as well.
"""

from __future__ import annotations

from sphinx.application import Sphinx

project = "Touming"
html_title = project
html_show_copyright = False

# The checkout is the source, so that links between README, docs and sql are the same here as there
root_doc = "README"
NAVIGATION = {
    "Start": ["README", "README.zh-CN", "docs/tutorial"],
    "Ask": ["docs/cookbook", "sql/examples/README", "docs/data_dictionary", "docs/site", "docs/methods"],
    "Run": ["docs/operations", "docs/errors", "deploy/kubernetes/README"],
    "Look inside": [
        "docs/architecture",
        "docs/adr/README",
        "docs/benchmarks",
        "bench/README",
        "CONTRIBUTING",
        "CHANGELOG",
    ],
}
include_patterns = [f"{page}.md" for pages in NAVIGATION.values() for page in pages] + ["docs/adr/*.md"]
# Not even looked into
exclude_patterns = [".*", "data", "pipeline", "tests", "docs/_build"]

extensions = ["myst_parser"]
myst_heading_anchors = 4
# The pages of the decisions are found through their list
suppress_warnings = ["toc.not_included"]

html_theme = "alabaster"
_FONTS = 'system-ui, "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif'
html_theme_options = {
    "font_family": _FONTS,
    "head_font_family": _FONTS,
    "page_width": "1000px",
    "sidebar_width": "270px",
    "fixed_sidebar": True,
    "show_powered_by": False,
}
html_sidebars = {"**": ["searchfield.html", "navigation.html"]}
html_static_path = ["pages.css"]
html_css_files = ["pages.css"]
html_copy_source = False
html_show_sourcelink = False
# The summary would be fetched, which a browser refuses to pages of a folder; titles and headings are in a script
html_show_search_summary = False


def add_navigation(_app: Sphinx, page: str, source: list[str]) -> None:
    """The navigation hangs on the first page, which on its own needs none."""
    if page == root_doc:
        for caption, pages in NAVIGATION.items():
            entries = "\n".join("self" if entry == root_doc else f"/{entry}" for entry in pages)
            source[0] += f"\n```{{toctree}}\n:hidden:\n:caption: {caption}\n\n{entries}\n```\n"


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.connect("source-read", add_navigation)
