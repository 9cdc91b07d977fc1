// 同类比较: shares of agencies of one year, level, kind, field and scope, with intervals and a floor under denominators.
"use strict";
(function () {
  const { NATION, t, word, count, percent, el, fill, state, setState, pick, data } = touming;
  const FLOORS = [10, 30, 100, 300, 1000];
  const DRAWN = 80;

  const metricLabel = (metric) => pick([metric.label_zh, metric.label_en]);
  // The commonest first, so that the first choice is a group worth looking at
  const ranked = (rows, choose) => {
    const counts = new Map();
    rows.forEach((row) => counts.set(choose(row), (counts.get(choose(row)) || 0) + 1));
    return [...counts.keys()].sort((one, other) => counts.get(other) - counts.get(one));
  };

  function narrow(rows, chosen, key, read) {
    const options = ranked(rows, read);
    if (!options.includes(chosen[key] === undefined ? null : chosen[key])) chosen[key] = options[0];
    return [options, rows.filter((row) => read(row) === chosen[key])];
  }

  async function render() {
    const { report_years: years, areas, metrics: known } = data("index");
    const metrics = data("labels").metrics;
    const chosen = { region: NATION, comparable: "1", floor: 30, ...state() };
    if (!years.includes(Number(chosen.year))) chosen.year = years[years.length - 1];
    const from =
      chosen.region === NATION
        ? touming.areasOf(NATION).length
          ? areas
          : [touming.COUNTRY_ORGANS]
        : [chosen.region.slice(0, 2)];
    const metric = Math.max(
      0,
      metrics.findIndex((one) => one.column_name === chosen.metric),
    );
    const all = touming
      .keep(await touming.loadYear(from, chosen.year), { region: chosen.region })
      .filter((row) => row.report_id);
    const values = Object.assign(
      {},
      ...(
        await Promise.all(
          from
            .map((area) => `${area}-${chosen.year}`)
            .filter((name) => known.includes(name))
            .map((name) => touming.load(`metric/${name}`)),
        )
      ).filter(Boolean),
    );
    if (!("department" in chosen) && "kind" in chosen) chosen.department = "";
    const [levels, ofLevel] = narrow(all, chosen, "level", (row) => row.division_level || "unknown");
    const [kinds, ofKind] = narrow(ofLevel, chosen, "kind", (row) => row.organ_kind_code || "unknown");
    const [departments, ofDepartment] = narrow(ofKind, chosen, "department", (row) => row.department_code || "");
    const [scopes, group] = narrow(ofDepartment, chosen, "scope", (row) => row.scope_code || "unknown");
    const change = (changes) => {
      setState({ ...chosen, ...changes });
      touming.again();
    };
    touming.showFilters("filters", [
      touming.choice(
        "metric",
        t("filter.metric"),
        metrics.map((one) => [one.column_name, metricLabel(one)]),
        metrics[metric].column_name,
        (value) => change({ metric: value }),
      ),
      touming.regionChoice(chosen.region, (region) => change({ region }), 2),
      touming.yearChoice(years, chosen.year, (year) => change({ year })),
      touming.wordChoice("level", "level", levels, chosen.level, (level) => change({ level })),
      touming.wordChoice("kind", "kind", kinds, chosen.kind, (kind) => change({ kind })),
      touming.choice(
        "department",
        t("filter.department"),
        departments.map((code) => [code, code || "—"]),
        chosen.department,
        (department) => change({ department }),
      ),
      touming.wordChoice("scope", "scope", scopes, chosen.scope, (scope) => change({ scope })),
      touming.choice(
        "floor",
        t("filter.floor"),
        FLOORS.map((floor) => [floor, floor]),
        chosen.floor,
        (floor) => change({ floor }),
      ),
      el(
        "label",
        { class: "filter check" },
        el("input", {
          id: "filter-comparable",
          type: "checkbox",
          checked: chosen.comparable === "1",
          onchange: (event) => change({ comparable: event.target.checked ? "1" : "0" }),
        }),
        el("span", {}, t("filter.comparable")),
      ),
    ]);
    show(chosen, metrics[metric], group, (row) => (values[row.agency_id] || []).slice(2 * metric, 2 * metric + 2));
  }

  function show(chosen, metric, group, operands) {
    const left = { few: 0, unfit: 0, missing: 0 };
    const kept = [];
    group.forEach((row) => {
      const [part, base] = operands(row).map((value) => (value === null ? null : Number(value)));
      const interval = part === undefined || part === null || base === null ? null : touming.wilson(part, base);
      if (chosen.comparable === "1" && !row.is_comparable) left.unfit += 1;
      else if (!interval) left.missing += 1;
      else if (base < Number(chosen.floor)) left.few += 1;
      else kept.push({ ...row, part, base, value: part / base, low: interval[0], high: interval[1] });
    });
    kept.sort((one, other) => one.value - other.value || one.base - other.base);
    const pooled = kept.length
      ? kept.reduce((sum, row) => sum + row.part, 0) / kept.reduce((sum, row) => sum + row.base, 0)
      : null;
    const drawn =
      kept.length > DRAWN
        ? new Set([...kept].sort((one, other) => other.base - one.base).slice(0, DRAWN))
        : new Set(kept);
    const shown = kept.filter((row) => drawn.has(row));
    // Two agencies may have one name; the axis needs to tell them apart
    const names = shown.map((row, number) =>
      shown.findIndex((other) => other.agency_name === row.agency_name) === number
        ? row.agency_name
        : `${row.agency_name} (${row.agency_id})`,
    );
    fill(
      "group-note",
      t("compare.group_note", {
        n: count(kept.length),
        few: count(left.few),
        unfit: count(left.unfit),
        missing: count(left.missing),
      }),
      " ",
      t("compare.formula", { formula: metric.formula_text }),
    );
    touming.showChart("chart-dots", {
      title: `${metricLabel(metric)} · ${chosen.year}`,
      note: `${t("chart.dots_note")}${kept.length > DRAWN ? ` ${t("chart.dots_many", { n: DRAWN })}` : ""}`,
      height: Math.max(180, 70 + 20 * shown.length),
      traces: shown.length
        ? [
            {
              type: "scatter",
              mode: "markers",
              x: shown.map((row) => row.value),
              y: names,
              marker: { size: 8 },
              customdata: shown.map((row) => [row.part, row.base, row.agency_id]),
              error_x: {
                type: "data",
                symmetric: false,
                array: shown.map((row) => row.high - row.value),
                arrayminus: shown.map((row) => row.value - row.low),
                thickness: 1.4,
                width: 3,
                color: "#7d8790",
              },
              hovertemplate: "%{y}<br>%{x:.1%} = %{customdata[0]:,} ÷ %{customdata[1]:,}<extra></extra>",
            },
          ]
        : null,
      layout: {
        margin: { l: 8, t: 30 },
        xaxis: { tickformat: ".0%", range: [-0.02, 1.02] },
        yaxis: { type: "category", tickfont: { size: 11 } },
        shapes:
          pooled === null
            ? []
            : [
                {
                  type: "line",
                  x0: pooled,
                  x1: pooled,
                  yref: "paper",
                  y0: 0,
                  y1: 1,
                  line: { color: "#8c8a84", width: 1.5, dash: "dash" },
                },
              ],
        annotations:
          pooled === null
            ? []
            : [
                {
                  x: pooled,
                  yref: "paper",
                  y: 1,
                  yanchor: "bottom",
                  text: `${t("compare.pooled")} ${percent(pooled)}`,
                  showarrow: false,
                  font: { size: 10 },
                },
              ],
      },
      table: {
        file: `compare_${metric.column_name}_${chosen.year}`,
        rows: kept,
        columns: [
          { key: "agency_name", label: t("column.agency"), show: touming.agencyLink },
          { key: "agency_id", label: t("column.code"), show: (row) => el("code", {}, row.agency_id) },
          { key: "value", label: metricLabel(metric), number: true, show: (row) => percent(row.value) },
          { key: "low", label: t("column.low"), number: true, show: (row) => percent(row.low) },
          { key: "high", label: t("column.high"), number: true, show: (row) => percent(row.high) },
          { key: "part", label: t("column.numerator"), number: true },
          {
            key: "base",
            label: t("column.denominator"),
            number: true,
            show: (row) =>
              row.report_id ? touming.cellLink(row, "requests.total_disposed.total", count(row.base)) : count(row.base),
          },
          { key: "grade_code", label: t("column.grade"), show: (row) => word("grade", row.grade_code) },
        ],
      },
      click: (point) => {
        location.href = touming.link("agency", { id: point.customdata[2], year: chosen.year });
      },
    });
  }

  touming.page(["region_names", "forms"], render);
})();
