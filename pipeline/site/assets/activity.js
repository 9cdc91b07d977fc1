// 许可与处罚: decisions of table 2 by region and year, and the agencies behind them.
"use strict";
(function () {
  const { NATION, t, word, count, el, fill, state, change, rowsOf, regionName, data } = touming;
  const KINDS = ["licensing", "penalty", "coercion"];

  async function render() {
    const { years } = data("index");
    const chosen = { region: NATION, level: "all", ...state() };
    const kept = rowsOf(await touming.load(`region/${touming.provinceOf(chosen.region)}`)).filter(
      (row) => row.division_level === chosen.level && row.scope_code !== "all",
    );
    const scopes = [...new Set(kept.map((row) => row.scope_code))];
    const total = (scope) =>
      kept
        .filter((row) => row.scope_code === scope && row.region_code === chosen.region)
        .reduce((sum, row) => sum + row.licensing_report_count, 0);
    scopes.sort((one, other) => total(other) - total(one));
    if (!scopes.includes(chosen.scope)) chosen.scope = scopes[0] || "unknown";
    const ofScope = kept.filter((row) => row.scope_code === chosen.scope);
    const own = ofScope.filter((row) => row.region_code === chosen.region);
    if (!years.includes(Number(chosen.year)))
      chosen.year = (
        own.filter((row) => row.licensing_report_count > 0).pop() || { report_year: years[years.length - 1] }
      ).report_year;
    chosen.year = Number(chosen.year);
    touming.showFilters("filters", [
      touming.regionChoice(chosen.region, (region) => change({ region })),
      touming.levelChoice(chosen.level, (level) => change({ level })),
      touming.wordChoice("scope", "scope", scopes, chosen.scope, (scope) => change({ scope })),
      touming.yearChoice(years, chosen.year, (year) => change({ year })),
    ]);
    const columns = KINDS.flatMap((kind) => [
      { key: `${kind}_count`, label: t(`column.${kind}`), number: true },
      { key: `${kind}_report_count`, label: `${t(`column.${kind}`)} · ${t("column.reports")}`, number: true },
    ]);
    touming.showChart("chart-activity", {
      title: t("chart.activity"),
      note: t("chart.activity_note"),
      height: 280,
      traces: KINDS.map((kind, number) => ({
        x: own.map((row) => row.report_year),
        y: own.map((row) => row[`${kind}_count`]),
        name: t(`column.${kind}`),
        mode: "lines+markers",
        line: { dash: ["solid", "dash", "dot"][number] },
        marker: { symbol: ["circle", "diamond", "square"][number], size: 7 },
        customdata: own.map((row) => row[`${kind}_report_count`]),
        hovertemplate: `%{x}: %{y:,}<br>${t("chart.report_count")}: %{customdata:,}<extra></extra>`,
      })),
      layout: { xaxis: { dtick: 1, tickformat: "d" }, yaxis: { rangemode: "tozero", tickformat: ",d" } },
      table: {
        file: "decisions_by_year",
        rows: own,
        columns: [{ key: "report_year", label: t("column.year"), show: (row) => String(row.report_year) }, ...columns],
      },
    });
    const codes = touming.childrenOf(chosen.region);
    const below = ofScope
      .filter((row) => row.report_year === chosen.year && codes.includes(row.region_code))
      .sort((one, other) => Number(one.licensing_count) - Number(other.licensing_count));
    touming.showChart("chart-regions", {
      title: `${t("chart.activity_regions")} · ${chosen.year}`,
      note: t("chart.activity_note"),
      height: Math.max(200, 80 + 30 * below.length),
      traces: below.length
        ? KINDS.map((kind) => ({
            type: "bar",
            orientation: "h",
            name: t(`column.${kind}`),
            y: below.map((row) => regionName(row.region_code)),
            x: below.map((row) => row[`${kind}_count`]),
            hovertemplate: "%{y}: %{x:,}<extra></extra>",
          }))
        : null,
      layout: { barmode: "group", yaxis: { type: "category" }, xaxis: { tickformat: ",d" } },
      table: {
        file: `decisions_by_region_${chosen.year}`,
        rows: [...below].reverse(),
        columns: [
          { key: "region_code", label: t("column.region"), show: (row) => regionName(row.region_code) },
          ...columns,
        ],
      },
    });
    const areas = touming.areasOf(chosen.region);
    const rows = touming.keep(
      await touming.loadYear(areas.length ? areas : [touming.COUNTRY_ORGANS], chosen.year),
      chosen,
    );
    fill(
      "list",
      areas.length ? null : el("p", { class: "note" }, t("list.choose_province")),
      touming.showTable(
        [
          { key: "agency_name", label: t("column.agency"), show: touming.agencyLink },
          { key: "agency_id", label: t("column.code"), show: (row) => el("code", {}, row.agency_id) },
          { key: "division_level", label: t("column.level"), show: (row) => word("level", row.division_level) },
          touming.numberColumn("licensing_decision_count", t("column.licensing")),
          touming.numberColumn("penalty_decision_count", t("column.penalty")),
          touming.numberColumn("coercion_decision_count", t("column.coercion")),
          { key: "grade_code", label: t("column.grade"), show: (row) => word("grade", row.grade_code) },
        ],
        rows,
        { file: `decisions_${chosen.region}_${chosen.year}`, limit: 50 },
      ),
    );
    document.body.dataset.rows = count(rows.length);
  }

  touming.page(["region_names", "forms"], render);
})();
