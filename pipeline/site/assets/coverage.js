// 公布与时效: what was owed, what came and when, by region and year; and whom to chase.
"use strict";
(function () {
  const { NATION, t, word, count, percent, el, fill, state, change, link, rowsOf, regionName, data } = touming;
  const FLOOR = 5;
  const STATUSES = ["on_time", "late", "after_close", "date_unknown", "unreadable", "blocked", "not_found", "not_due"];
  const COLOURS = {
    on_time: "#0072b2",
    late: "#e69f00",
    after_close: "#d55e00",
    date_unknown: "#9bbdd3",
    unreadable: "#cc79a7",
    blocked: "#8f6d8a",
    not_found: "#6b6b6b",
    not_due: "#dedbd2",
  };
  const LATE = [
    ["late_1_to_7_count", "late.1"],
    ["late_8_to_30_count", "late.8"],
    ["late_31_to_90_count", "late.31"],
    ["late_over_90_count", "late.91"],
  ];

  const isAll = (row, level) => row.scope_code === "all" && row.division_level === level;
  const countColumns = () => [
    { key: "expected_count", label: t("column.expected"), number: true },
    { key: "due_count", label: t("column.due"), number: true },
    { key: "published_count", label: t("column.published"), number: true },
    ...STATUSES.map((status) => ({ key: `${status}_count`, label: word("status", status), number: true })),
    { key: "assumed_deadline_count", label: word("basis", "assumed"), number: true },
  ];

  async function render() {
    const { years } = data("index");
    const chosen = { region: NATION, level: "all", ...state() };
    const kept = rowsOf(await touming.load(`region/${touming.provinceOf(chosen.region)}`)).filter((row) =>
      isAll(row, chosen.level),
    );
    const own = kept.filter((row) => row.region_code === chosen.region);
    if (!years.includes(Number(chosen.year)))
      chosen.year = (
        own.filter((row) => row.published_count > 0).pop() || { report_year: years[years.length - 1] }
      ).report_year;
    chosen.year = Number(chosen.year);
    touming.showFilters("filters", [
      touming.regionChoice(chosen.region, (region) => change({ region })),
      touming.levelChoice(chosen.level, (level) => change({ level })),
      touming.yearChoice(years, chosen.year, (year) => change({ year })),
    ]);
    touming.showChart("chart-status", {
      title: t("chart.status"),
      note: t("chart.status_note"),
      height: 280,
      traces: STATUSES.map((status) => ({
        type: "bar",
        name: word("status", status),
        x: own.map((row) => String(row.report_year)),
        y: own.map((row) => (row.expected_count ? row[`${status}_count`] / row.expected_count : null)),
        customdata: own.map((row) => row[`${status}_count`]),
        marker: { color: COLOURS[status] },
        hovertemplate: `${word("status", status)}: %{customdata:,} (%{y:.1%})<extra>%{x}</extra>`,
      })),
      layout: {
        barmode: "stack",
        yaxis: { tickformat: ".0%", range: [0, 1] },
        xaxis: { type: "category" },
        bargap: 0.35,
      },
      table: {
        file: "publication_by_year",
        rows: own,
        columns: [
          { key: "report_year", label: t("column.year"), show: (row) => String(row.report_year) },
          ...countColumns(),
        ],
      },
    });
    showLateness(
      chosen,
      own.find((row) => row.report_year === chosen.year),
    );
    showHeat(chosen, kept, years, change);
    await showChase(chosen);
  }

  function showLateness(chosen, row) {
    const bins = LATE.map(([key, label]) => ({ label: t(label), value: row ? row[key] : 0 }));
    touming.showChart("chart-lateness", {
      title: `${t("chart.lateness")} · ${chosen.year}`,
      note: t("chart.lateness_note", { n: count(row ? row.date_unknown_count : 0) }),
      height: 280,
      traces: bins.every((bin) => !bin.value)
        ? null
        : [
            {
              type: "bar",
              x: bins.map((bin) => bin.label),
              y: bins.map((bin) => bin.value),
              marker: { color: "#e69f00" },
              text: bins.map((bin) => count(bin.value)),
              textposition: "outside",
              cliponaxis: false,
              hoverinfo: "skip",
            },
          ],
      layout: { xaxis: { type: "category" }, yaxis: { rangemode: "tozero", tickformat: ",d" }, margin: { t: 24 } },
      table: {
        file: `lateness_${chosen.year}`,
        rows: bins,
        columns: [
          { key: "label", label: t("column.days_late") },
          { key: "value", label: t("column.reports"), number: true },
        ],
      },
    });
  }

  function showHeat(chosen, kept, years, change) {
    const below = touming.childrenOf(chosen.region);
    const codes = (below.length ? below : [chosen.region]).filter((code) =>
      kept.some((row) => row.region_code === code),
    );
    const cells = kept
      .filter((row) => codes.includes(row.region_code))
      .map((row) => ({
        x: row.report_year,
        y: regionName(row.region_code),
        code: row.region_code,
        value: row.due_count ? row.published_count / row.due_count : null,
        base: row.due_count,
        row,
      }));
    touming.showChart("chart-heat", {
      title: t("chart.coverage_heat"),
      note: t("chart.coverage_heat_note", { n: FLOOR }),
      height: Math.max(180, 60 + 22 * codes.length),
      traces: codes.length
        ? touming.heatmap(
            cells,
            years,
            codes.map(regionName).reverse(),
            FLOOR,
            (cell) =>
              `${cell.y} ${cell.x}<br>${percent(cell.value)} = ${count(cell.row.published_count)} ÷ ${count(cell.base)}`,
          )
        : null,
      layout: { xaxis: { type: "category" }, yaxis: { type: "category" } },
      table: {
        file: "publication_by_region",
        rows: cells.map((cell) => cell.row),
        columns: [
          { key: "region_code", label: t("column.region"), show: (row) => regionName(row.region_code) },
          { key: "report_year", label: t("column.year"), show: (row) => String(row.report_year) },
          ...countColumns(),
        ],
      },
      click: (point) => {
        const cell = cells.find((one) => one.y === point.y);
        if (cell) change({ region: cell.code });
      },
    });
  }

  async function showChase(chosen) {
    const { chases } = data("index");
    const areas = touming.areasOf(chosen.region);
    if (!areas.length) {
      fill("chase", el("p", { class: "note" }, t("list.choose_province")));
      return;
    }
    const wanted = areas.map((area) => `${area}-${chosen.year}`).filter((name) => chases.includes(name));
    const rows = touming.keep(
      (await Promise.all(wanted.map((name) => touming.load(`chase/${name}`)))).flatMap(rowsOf),
      { region: chosen.region, level: chosen.level },
    );
    fill(
      "chase",
      touming.showTable(
        [
          {
            key: "agency_name",
            label: t("column.agency"),
            show: (row) => el("a", { href: link("agency", { id: row.agency_id, year: chosen.year }) }, row.agency_name),
          },
          { key: "agency_id", label: t("column.code"), show: (row) => el("code", {}, row.agency_id) },
          {
            key: "obligation_status_code",
            label: t("column.status"),
            show: (row) =>
              el("span", { class: `status ${row.obligation_status_code}` }, word("status", row.obligation_status_code)),
          },
          { key: "deadline_date", label: t("column.deadline") },
          {
            key: "deadline_basis_code",
            label: t("column.basis"),
            show: (row) => word("basis", row.deadline_basis_code),
          },
          { key: "published_date", label: t("column.published") },
          { key: "days_late_count", label: t("column.days_late"), number: true },
          {
            key: "last_seen_report_year",
            label: t("column.last_seen"),
            show: (row) => (row.last_seen_report_year ? String(row.last_seen_report_year) : null),
          },
          { key: "last_seen_origin_text", label: t("column.last_origin"), wide: true },
        ],
        rows,
        { file: `chase_list_${chosen.region}_${chosen.year}`, limit: 50 },
      ),
    );
  }

  touming.page(["region_names"], render);
})();
