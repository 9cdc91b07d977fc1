// 数据质量: rules by year, the reports that a rule flags, and their cells.
"use strict";
(function () {
  const { t, count, percent, el, fill, state, setState, rowsOf, data } = touming;
  const FLOOR = 5;
  // More findings than these are shown province by province
  const AT_ONCE = 5_000;

  async function render() {
    const rows = rowsOf(data("rule_year"));
    const years = [...new Set(rows.map((row) => row.report_year))].sort();
    // A rule judged within reports and across them is two rows
    const nameOf = (row) => (row.is_across_reports ? `${row.rule_code}*` : row.rule_code);
    const names = [...new Set(rows.map(nameOf))].sort();
    const chosen = state();
    const go = (rule, year) => {
      setState({ rule, year });
      touming.again();
      document.getElementById("findings-part").scrollIntoView({ block: "start" });
    };
    const cells = rows.map((row) => ({
      x: row.report_year,
      y: nameOf(row),
      value: row.failed_over_assessed_rate,
      base: row.assessed_report_count,
      row,
    }));
    touming.showChart("chart-rules", {
      title: t("chart.rules"),
      note: t("chart.rules_note", { n: FLOOR }),
      height: 60 + 20 * names.length,
      traces: cells.length
        ? touming.heatmap(
            cells,
            years,
            [...names].reverse(),
            FLOOR,
            (cell) =>
              `${cell.y} ${cell.x}<br>${touming.ruleText(cell.row.rule_code)}<br>${percent(cell.value)} = ${count(cell.row.failed_report_count)} ÷ ${count(cell.base)}`,
          )
        : null,
      layout: { xaxis: { type: "category", side: "top" }, yaxis: { type: "category" }, margin: { t: 28, b: 8 } },
      table: {
        file: "rules_by_year",
        rows,
        columns: [
          {
            key: "rule_code",
            label: t("column.rule"),
            show: (row) => el("span", { title: touming.ruleText(row.rule_code) }, nameOf(row)),
          },
          { key: "report_year", label: t("column.year"), show: (row) => String(row.report_year) },
          { key: "assessed_report_count", label: t("column.assessed"), number: true },
          {
            key: "failed_report_count",
            label: t("column.failed"),
            number: true,
            show: (row) =>
              row.failed_report_count
                ? el(
                    "button",
                    { type: "button", class: "cell", onclick: () => go(row.rule_code, row.report_year) },
                    count(row.failed_report_count),
                  )
                : "0",
          },
          {
            key: "failed_over_assessed_rate",
            label: t("column.value"),
            number: true,
            show: (row) => percent(row.failed_over_assessed_rate),
          },
          {
            key: "unresolved_count",
            label: t("column.unresolved"),
            number: true,
            show: (row) =>
              row.unresolved_count
                ? el(
                    "button",
                    { type: "button", class: "cell", onclick: () => go(row.rule_code, row.report_year) },
                    count(row.unresolved_count),
                  )
                : "0",
          },
          { key: "not_assessable_count", label: t("column.not_assessable"), number: true },
        ],
      },
      click: (point) => go(String(point.y).replace("*", ""), Number(point.x)),
    });
    const rule = chosen.rule && data("labels").rules[chosen.rule] ? chosen.rule : null;
    fill("rule-text", rule ? `${chosen.rule} · ${touming.ruleText(chosen.rule)}` : t("list.findings_choose"));
    if (!rule) {
      fill("findings");
      return;
    }
    const name = `${touming.scriptName(rule)}-${chosen.year}`;
    const counts = data("finding_index")[name] || {};
    const region = chosen.region || touming.NATION;
    touming.showFilters("filters", [
      touming.regionChoice(region, (next) => {
        setState({ region: next });
        touming.again();
      }),
    ]);
    const areas = Object.keys(counts).filter((area) => region === touming.NATION || area === region.slice(0, 2));
    if (areas.reduce((sum, area) => sum + counts[area], 0) > AT_ONCE && region === touming.NATION) {
      fill("findings", el("p", { class: "note" }, t("list.choose_province")));
      return;
    }
    const flagged = touming.keep(
      (await Promise.all(areas.map((area) => touming.load(`finding/${name}-${area}`)))).flatMap(rowsOf),
      { region },
    );
    fill(
      "findings",
      touming.showTable(
        [
          {
            key: "agency_name",
            label: t("column.agency"),
            show: (row) =>
              el("a", { href: touming.link("report", { id: row.report_id, agency: row.agency_id }) }, row.agency_name),
          },
          ...touming.findingColumns(),
        ],
        flagged.map((row) => ({ ...row, rule_code: rule })),
        {
          file: `findings_${rule}_${chosen.year}`,
          limit: 50,
          caption: `${t("list.findings", { rule, year: chosen.year })} · ${t("show.rows", { n: count(flagged.length) })}`,
        },
      ),
    );
  }

  touming.page(["rule_year", "finding_index", "region_names", "forms"], render);
})();
