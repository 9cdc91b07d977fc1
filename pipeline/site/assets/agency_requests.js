// Requests of one agency: who asks, and where requests go.
"use strict";
(function () {
  const { t, word, count, data } = touming;
  // Fewer requests than these are drawn as numbers only
  const FLOW_FLOOR = 10;
  // Below it there is no room for the names of reasons: they are in the table
  const NARROW = 600;
  const FORM_WITH_REQUESTS = "requests";

  const latestOf = (agency, year) => agency.reports.find((row) => row.is_latest && row.report_year === year);
  const cellsOf = (report) =>
    report && report.cells_text ? touming.readCells(report.edition_code, report.cells_text) : new Map();

  function showApplicants(agency) {
    const kinds = Object.keys(data("labels").codes.applicant);
    const known = agency.years
      .map((row) => {
        const cells = cellsOf(latestOf(agency, row.report_year));
        return {
          report_year: row.report_year,
          ...Object.fromEntries(
            kinds.map((kind) => {
              const cell = cells.get(`requests.new_received.${kind}`);
              return [kind, cell && cell.state === "reported" ? Number(cell.value) : null];
            }),
          ),
        };
      })
      .filter((row) => kinds.every((kind) => row[kind] !== null));
    const sum = (row) => kinds.reduce((total, kind) => total + row[kind], 0);
    const drawn = known.filter((row) => sum(row) > 0);
    touming.showChart("chart-applicants", {
      title: t("chart.applicants"),
      note: t("chart.applicants_note"),
      height: 260,
      traces: drawn.length
        ? kinds.map((kind) => ({
            type: "bar",
            name: word("applicant", kind),
            x: drawn.map((row) => String(row.report_year)),
            y: drawn.map((row) => row[kind] / sum(row)),
            customdata: drawn.map((row) => row[kind]),
            hovertemplate: `${word("applicant", kind)}: %{customdata:,} (%{y:.1%})<extra>%{x}</extra>`,
          }))
        : null,
      layout: {
        barmode: "stack",
        yaxis: { tickformat: ".0%", range: [0, 1] },
        xaxis: { type: "category" },
        bargap: 0.5,
      },
      table: {
        file: `${agency.id}_applicants`,
        rows: known,
        columns: [
          { key: "report_year", label: t("column.year"), show: (row) => String(row.report_year) },
          ...kinds.map((kind) => ({ key: kind, label: word("applicant", kind), number: true })),
        ],
      },
    });
  }

  // From what came in, through outcomes, to reasons: [from, to, number]; null where a cell holds no number
  function flowOf(report, cells) {
    const table = (data("forms").tables[report.edition_code] || []).find((one) => one.code === FORM_WITH_REQUESTS);
    if (!table) return null;
    const number = (row) => {
      const cell = cells.get(`requests.${row}.total`);
      return cell && cell.state === "reported" ? Number(cell.value) : null;
    };
    const links = [
      ["new_received", "pool", number("new_received")],
      ["carried_in", "pool", number("carried_in")],
      ["pool", "carried_out", number("carried_out")],
      ["pool", "granted", number("granted")],
      ["pool", "granted_partial", number("granted_partial")],
    ];
    ["denied", "unavailable", "unprocessed", "other"].forEach((group) => {
      const merged = number(`${group}_total`);
      const reasons = table.rows
        .filter(([row, , , , , optional]) => row.startsWith(`${group}_`) && !optional)
        .map(([row]) => [row, number(row)]);
      const total =
        merged !== null
          ? merged
          : reasons.reduce((sum, [, value]) => (sum === null || value === null ? null : sum + value), 0);
      links.push(["pool", group, total]);
      if (merged === null) reasons.forEach(([row, value]) => links.push([group, row, value]));
    });
    return links;
  }

  function showFlow(agency, year) {
    const report = latestOf(agency, year);
    const cells = cellsOf(report);
    const links = report ? flowOf(report, cells) : null;
    const table = links && {
      file: `${agency.id}_${year}_flow`,
      rows: links.map(([from, to, value]) => ({ from, to, value })),
      columns: [
        { key: "from", label: t("column.from"), show: (row) => nodeName(report, row.from) },
        { key: "to", label: t("column.to"), show: (row) => nodeName(report, row.to) },
        { key: "value", label: t("column.count"), number: true },
      ],
    };
    const total = cells.get("requests.total_disposed.total");
    const disposed = total && total.state === "reported" ? Number(total.value) : null;
    const incomplete = !links || links.some(([, , value]) => value === null) || disposed === null;
    const few = !incomplete && disposed < FLOW_FLOOR;
    const note = incomplete
      ? t("chart.flow_missing")
      : few
        ? t("chart.flow_few", { n: count(disposed), floor: FLOW_FLOOR })
        : t("chart.flow_note", { year });
    touming.showChart("chart-flow", {
      title: t("chart.flow"),
      note,
      height: 380,
      traces:
        incomplete || few
          ? null
          : [
              sankey(
                report,
                links.filter(
                  ([from, to, value]) => value > 0 && (innerWidth >= NARROW || from === "pool" || to === "pool"),
                ),
              ),
            ],
      layout: { margin: { l: 4, r: 4, t: 4, b: 8 } },
      table,
    });
    touming.place("chart-flow").dataset.flow = incomplete ? "missing" : few ? "few" : "drawn";
  }

  const nodeName = (report, name) =>
    name === "pool"
      ? t("column.disposed")
      : data("labels").codes.outcome[name]
        ? word("outcome", name)
        : touming.cellLabel(report.edition_code, `requests.${name}.total`).split(/ \/ |／/)[0];

  function sankey(report, links) {
    const names = [...new Set(links.flatMap(([from, to]) => [from, to]))];
    const colours = {
      granted: "#009e73",
      granted_partial: "#56b4e9",
      denied: "#d55e00",
      unavailable: "#e69f00",
      unprocessed: "#cc79a7",
      other: "#6b6b6b",
      carried_out: "#b8b4a8",
    };
    const colourOf = (name) =>
      colours[name] || colours[Object.keys(colours).find((group) => name.startsWith(`${group}_`))] || "#0072b2";
    const faded = (colour) => `rgba(${[1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16)).join(",")},0.35)`;
    return {
      type: "sankey",
      node: {
        label: names.map((name) => nodeName(report, name)),
        color: names.map(colourOf),
        pad: 12,
        thickness: 12,
        line: { width: 0 },
      },
      link: {
        source: links.map(([from]) => names.indexOf(from)),
        target: links.map(([, to]) => names.indexOf(to)),
        value: links.map(([, , value]) => value),
        color: links.map(([, to]) => faded(colourOf(to))),
      },
    };
  }

  Object.assign(touming, { latestOf, cellsOf, showApplicants, showFlow });
})();
