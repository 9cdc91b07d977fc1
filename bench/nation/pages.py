"""Pages as sites serve them: menus and scripts around an article, what a page's head says of its site, wrong pages.

Belongs here: what is around a report on a page, and pages that are none. Does not belong here: the report
(bench/render_html.py), which page is drawn (documents.py).
"""

from __future__ import annotations

import html
import random

from bench.layouts import LAYOUTS
from bench.model import SimulatedReport
from bench.nation.agencies import Agency, load_nation
from bench.render_html import CELL_STYLE, SPAN_STYLE

_LIGHT_CELL, _LIGHT_SPAN = "border:1px solid #000", "font-size:14px"
_KILOBYTE = 1024


def print_page(report: SimulatedReport, layout: str, format_name: str) -> str:
    """A report as an article; layout is one of list_layouts(format_name)."""
    return fit_page(LAYOUTS[layout](report).text, report.title, format_name)


def list_layouts(format_name: str) -> tuple[str, ...]:
    """The layouts of bench/layouts.py that a format is drawn in; none for a format that is no page."""
    return {"page": ("page",), "word": ("word",), "word_light": ("word",), "text_page": ("plain", "tabs")}.get(
        format_name, ()
    )


def fit_page(printed: str, title: str, format_name: str) -> str:
    """What a layout printed, whole or damaged, as a page of this format."""
    if format_name == "text_page":
        title, printed = html.escape(title), html.escape(printed)
        return f"<html><head><title>{title}</title></head><body>\n<pre>{printed}</pre></body></html>\n"
    if format_name == "word_light":
        return printed.replace(CELL_STYLE, _LIGHT_CELL).replace(SPAN_STYLE, _LIGHT_SPAN)
    return printed


def dress_page(page: str, agency: Agency, rng: random.Random, *, has_chrome: bool) -> bytes:
    """The page with its site's head and, where it has_chrome, with menus and scripts; in the site's charset."""
    nation = load_nation()
    head = ""
    if rng.randrange(100) < nation["site_code_percent"]:
        head += f'<meta name="SiteIDCode" content="{agency.site_code}">\n'
    if rng.randrange(100) < nation["site_name_percent"]:
        name = nation["pages"]["site_name"].format(place=agency.place)
        head += f'<meta name="SiteName" content="{html.escape(name)}">\n'
    is_gb = rng.randrange(100) < nation["gb18030_percent"]
    charset = "gb18030" if is_gb else "utf-8"
    head = f'<meta charset="{charset}">\n{head}'
    if has_chrome:
        least, most = nation["chrome_kilobytes"]
        # Half of what is around an article is scripts
        size = round(_KILOBYTE * least * (most / least) ** rng.random() / 2)
        head += _write_script(size, rng)
        page = page.replace("<body>", f"<body>\n{_write_menu(size, rng)}", 1)
    return page.replace("<head>", f"<head>\n{head}", 1).encode(charset)


def draw_wrong_page(agency: Agency, report_year: int, rng: random.Random) -> bytes:
    """What is found in place of a report: an error page, a notice about reports, a list of them."""
    words = load_nation()["pages"]
    kind = rng.choice(("error", "notice", "list"))
    title = html.escape(words[kind].format(place=agency.place, agency=agency.printed_name, year=report_year))
    body = ""
    if kind == "notice":
        body = f"<p>{html.escape(words['notice_text'])}</p>"
    if kind == "list":
        years = range(report_year, report_year - 8, -1)
        body = "".join(
            f'<li><a href="/{year}.html">{html.escape(agency.printed_name)}{year}</a></li>' for year in years
        )
    page = f"<html>\n<head>\n<title>{title}</title>\n</head>\n<body>\n<h1>{title}</h1>{body}\n</body>\n</html>\n"
    return dress_page(page, agency, rng, has_chrome=True)


def _write_script(size: int, rng: random.Random) -> str:
    lines = []
    written = 0
    while written < size:
        lines.append(
            f"function load{rng.randrange(10**6)}(a,b){{var c=document.getElementById(a);if(c){{c.innerHTML=b;}}}}"
        )
        written += len(lines[-1])
    return f"<script>\n{chr(10).join(lines)}\n</script>\n"


def _write_menu(size: int, rng: random.Random) -> str:
    words = load_nation()["pages"]["menu"]
    links = []
    written = 0
    while written < size:
        target = f"/col/{rng.randrange(10**5)}/index.html"
        links.append(f'<li class="menu-item"><a href="{target}" target="_blank">{rng.choice(words)}</a></li>')
        written += len(links[-1])
    return f'<div class="menu"><ul>{"".join(links)}</ul></div>\n'
