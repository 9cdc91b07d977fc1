"""A first look at the published warehouse: a place, a year, a chart, and one number back to its printed cell.

    .venv/bin/marimo run examples/first_look.py      to look
    .venv/bin/marimo edit --skip-update-check examples/first_look.py     to go on from here

Needs the extra touming[notebook]. It opens the file that `touming run` publishes, read-only, and asks nobody else.
"""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Touming: a first look")


@app.cell
def _():
    import os
    import pathlib

    import duckdb
    import marimo as mo
    import plotly.graph_objects as go

    return duckdb, go, mo, os, pathlib


@app.cell
def _(mo):
    mo.md("""
    # A first look

    How many requests for information did the offices of a place receive in a year, and from whom? And where exactly is
    such a number printed? Every cell is plain SQL on the published file; `docs/data_dictionary.md` describes every
    table and column.
    """)
    return


@app.cell
def _(duckdb, mo, os, pathlib):
    # The folder that the commands use: TOUMING_DATA, else data/ of the checkout
    data = pathlib.Path(os.environ.get("TOUMING_DATA") or mo.notebook_dir().parent / "data")
    published = data / "warehouse" / "touming.duckdb"
    mo.stop(
        not published.exists(),
        mo.callout(
            mo.md(f"There is no warehouse at `{published}` yet: `touming run --samples` builds one."), kind="warn"
        ),
    )
    # Read-only: a program that opens the file for writing keeps the next publication away
    con = duckdb.connect(str(published), read_only=True)

    def ask(question, **values):
        """The answer as a list of mappings, one a row; $name in the question is a value of that name."""
        answer = con.execute(question, values)
        columns = [column[0] for column in answer.description]
        return [dict(zip(columns, row, strict=True)) for row in answer.fetchall()]

    return (ask,)


@app.cell
def _(ask, mo):
    # Places and years with at least one report; 000000 is the nation
    places = ask("""
        SELECT region_code, coalesce(any_value(region_name), 'China') || ' (' || region_code || ')' AS shown
        FROM mart.coverage WHERE published_count > 0 GROUP BY region_code ORDER BY region_code
    """)
    years = ask("SELECT DISTINCT report_year FROM mart.agency_year WHERE has_report ORDER BY report_year DESC")
    mo.stop(not (places and years), mo.callout(mo.md("The warehouse holds no report yet."), kind="warn"))
    place = mo.ui.dropdown(
        {row["shown"]: row["region_code"] for row in places}, value=places[0]["shown"], label="Place", searchable=True
    )
    year = mo.ui.dropdown(
        {str(row["report_year"]): row["report_year"] for row in years}, str(years[0]["report_year"]), label="Year"
    )
    mo.hstack([place, year], justify="start")
    return place, year


@app.cell
def _(ask, place, year):
    # A row for every office that owed a report, whether or not it came; divisions within the place included
    offices = ask("FROM mart.metrics($place, $year)", place=place.value, year=year.value)
    return (offices,)


@app.cell
def _(go, mo, offices, place, year):
    # NULL is not 0: an office with a number that is not known has no bar, and the line below says how many there are
    parts = {"natural_person_received_count": "natural persons", "organisation_received_count": "organisations"}
    known = [row for row in offices if None not in (row["request_received_count"], *(row[name] for name in parts))]
    shown = sorted(known, key=lambda row: row["request_received_count"], reverse=True)[:20]
    height = 220 + 26 * len(shown)
    chart = go.Figure(
        [
            go.Bar(
                y=[row["agency_name"] for row in shown],
                x=[row[column] for row in shown],
                name=name,
                orientation="h",
            )
            for column, name in parts.items()
        ]
    )
    chart.update_layout(
        barmode="stack",
        title=f"New requests, {place.selected_key}, {year.value}",
        xaxis_title="requests",
        yaxis={"autorange": "reversed"},
        height=height,
        template="plotly_white",
    )
    reports = sum(row["has_report"] for row in offices)
    # marimo's own element for Plotly fetches a script from a server far away; this page brings all that it needs
    page = "<!DOCTYPE html>" + chart.to_html(full_html=False, include_mathjax=False, default_height=f"{height}px")
    mo.vstack(
        [
            mo.iframe(page, height=f"{height + 40}px"),
            mo.md(
                f"Offices that owed a report: {len(offices)}. Reports read: {reports}. Of these with all the numbers "
                f"of the chart: {len(known)}; it has the {len(shown)} with the most requests."
            ),
        ]
    )
    return


@app.cell
def _(mo, offices):
    readable = {f"{row['agency_name']} ({row['agency_id']})": row["agency_id"] for row in offices if row["has_report"]}
    mo.stop(
        not readable,
        mo.md("No report of this place and year has been read yet: choose others."),
    )
    office = mo.ui.dropdown(readable, value=next(iter(readable)), label="Office", searchable=True)
    mo.vstack([mo.md("## Where is it printed?"), office])
    return (office,)


@app.cell
def _(ask, mo, office, year):
    # The macro behind `touming source`: any cell of the form, by code or by its official label
    traced = ask(
        "FROM mart.source($agency, $year, 'requests.new_received.total')", agency=office.value, year=year.value
    )
    mo.stop(not traced, mo.md("This form does not print the number of new requests."))
    number = traced[0]
    value = "no value" if number["value"] is None else f"{number['value'].normalize():f}"
    mo.md(
        f"""
        | | |
        |:---|:---|
        | value | **{value}** {number["unit"]} |
        | label | {number["label_zh"]} ({number["label_en"]}) |
        | state | `{number["state_code"]}`, printed as `{number["raw_text"]}` |
        | place in the document | `{number["locator_text"] or "not printed"}` |
        | report | {number["title_text"] or ""} |
        | document | `{number["document_id"]}` from {number["origin_text"] or "an unknown origin"} |
        | sha256 of its bytes | `{number["sha256"]}` |

        In a shell, with the printed row itself:
        `touming source {number["agency_id"]} {number["report_year"]} {number["cell_code"]}`
        """
    )
    return (number,)


if __name__ == "__main__":
    app.run()
