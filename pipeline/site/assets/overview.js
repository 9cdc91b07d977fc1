// 总览: five numbers, series, composition, regions; every sum is a row of region_level_year.
"use strict";
(function () {
  const { NATION, GREY, SCALE, t, word, count, percent, el, fill, state, setState, link, rowsOf, regionName } = touming;
  const FLOOR = 30;
  const OUTCOMES = ["granted", "granted_partial", "denied", "unavailable", "unprocessed", "other"];
  const KEPT = new Map();

  // Rows of a province's script by region, level and scope, each list by year
  async function sums(region) {
    const key = `region/${touming.provinceOf(region)}`;
    if (!KEPT.has(key)) {
      const kept = new Map();
      rowsOf(await touming.load(key)).forEach((row) => {
        const name = `${row.region_code}|${row.division_level}|${row.scope_code}`;
        if (!kept.has(name)) kept.set(name, []);
        kept.get(name).push(row);
      });
      KEPT.set(key, kept);
    }
    return KEPT.get(key);
  }

  const rate = (row) =>
    row && row.disposed_count ? (row.granted_count + row.granted_partial_count) / row.disposed_count : null;

  function choose(kept, years) {
    const chosen = { region: NATION, level: "all", ...state() };
    const scopes = [...new Set([...kept.keys()].map((key) => key.split("|")[2]))].filter((scope) => scope !== "all");
    const total = (scope) =>
      (kept.get(`${chosen.region}|${chosen.level}|${scope}`) || []).reduce((sum, row) => sum + row.report_count, 0);
    scopes.sort((one, other) => total(other) - total(one));
    if (!scopes.includes(chosen.scope)) chosen.scope = scopes[0] || "unknown";
    const all = kept.get(`${chosen.region}|${chosen.level}|all`) || [];
    if (!years.includes(Number(chosen.year))) {
      const most = all.reduce(
        (best, row) =>
          row.report_count > 0 &&
          (!best || row.report_year >= best.report_year) &&
          row.report_count >= 0.5 * Math.max(...all.map((one) => one.report_count))
            ? row
            : best,
        null,
      );
      chosen.year = most ? most.report_year : years[years.length - 1];
    }
    return { ...chosen, year: Number(chosen.year), scopes };
  }

  function showFilters(chosen, years) {
    const change = (changes) => {
      setState(changes);
      touming.again();
    };
    const levels = Object.keys(touming.data("labels").codes.level);
    touming.showFilters("filters", [
      touming.regionChoice(chosen.region, (region) => change({ region })),
      touming.wordChoice("level", "level", levels, chosen.level, (level) => change({ level })),
      touming.wordChoice("scope", "scope", chosen.scopes, chosen.scope, (scope) => change({ scope })),
      touming.choice(
        "year",
        t("filter.year"),
        years.map((year) => [year, year]),
        chosen.year,
        (year) => change({ year }),
      ),
    ]);
  }

  function tile(key, value, note, address) {
    return el(
      "a",
      { class: "tile", href: address, "data-number": key },
      el("span", { class: "tile-name" }, t(`number.${key}`)),
      el("strong", {}, value),
      el("span", { class: "note" }, note),
    );
  }

  function showNumbers(chosen, all, own) {
    const where = { region: chosen.region, level: chosen.level, year: chosen.year };
    const late = all ? all.late_count + all.after_close_count : null;
    fill(
      "numbers",
      tile(
        "received",
        own ? count(own.received_count) : "—",
        t("number.received_note", {
          n: count(own ? own.received_report_count : 0),
          scope: word("scope", chosen.scope),
        }),
        link("agencies", { ...where, scope: chosen.scope }),
      ),
      tile(
        "rate",
        percent(rate(own)),
        t("number.rate_note", {
          part: count(own && own.disposed_count !== null ? own.granted_count + own.granted_partial_count : null),
          base: count(own ? own.disposed_count : null),
        }),
        link("agencies", { ...where, scope: chosen.scope }),
      ),
      tile(
        "published",
        all ? `${count(all.published_count)} / ${count(all.due_count)}` : "—",
        t("number.published_note", {
          rate: percent(all && all.due_count ? all.published_count / all.due_count : null),
        }),
        link("coverage", where),
      ),
      tile(
        "late",
        count(late),
        t("number.late_note", {
          n: count(all ? all.after_close_count : 0),
          unknown: count(all ? all.date_unknown_count : 0),
        }),
        link("coverage", where),
      ),
      tile(
        "failing",
        count(all ? all.contradictory_count : null),
        t("number.failing_note", { n: count(all ? all.graded_count : 0) }),
        link("quality", { year: chosen.year }),
      ),
    );
  }

  function breaksOf(rows) {
    return rows
      .filter(
        (row, number) =>
          row.panel_other_form_count > 0 ||
          (number > 0 &&
            row.main_edition_code &&
            rows[number - 1].main_edition_code &&
            row.main_edition_code !== rows[number - 1].main_edition_code),
      )
      .map((row) => row.report_year);
  }

  function showSeries(chosen, rows) {
    const breaks = breaksOf(rows);
    const known = rows.filter((row) => row.received_count !== null);
    const panel = { x: [], y: [] };
    known
      .filter((row) => row.panel_report_count > 0)
      .forEach((row) => {
        panel.x.push(row.report_year - 1, row.report_year, null);
        panel.y.push(row.panel_before_count, row.panel_received_count, null);
      });
    touming.showChart("chart-received", {
      title: t("chart.received"),
      note: t("chart.received_note"),
      height: 280,
      traces: [
        {
          x: known.map((row) => row.report_year),
          y: known.map((row) => row.received_count),
          name: t("chart.all_reports"),
          mode: "lines+markers",
          line: { width: 2 },
          customdata: known.map((row) => row.received_report_count),
          hovertemplate: `%{x}: %{y:,}<br>${t("chart.report_count")}: %{customdata:,}<extra></extra>`,
        },
        {
          x: panel.x,
          y: panel.y,
          name: t("chart.panel"),
          mode: "lines+markers",
          line: { dash: "dash", width: 2 },
          marker: { symbol: "diamond", size: 7 },
          connectgaps: false,
        },
      ],
      layout: {
        xaxis: { dtick: 1, tickformat: "d" },
        yaxis: { rangemode: "tozero", tickformat: ",d" },
        shapes: breaks.map((year) => ({
          type: "line",
          x0: year - 0.5,
          x1: year - 0.5,
          yref: "paper",
          y0: 0,
          y1: 1,
          line: { dash: "dot", width: 1.5, color: "#6b6b6b" },
        })),
        annotations: breaks.map((year) => ({
          x: year - 0.5,
          yref: "paper",
          y: 1,
          text: t("chart.break"),
          showarrow: false,
          xanchor: "left",
          font: { size: 10 },
        })),
      },
      table: {
        file: "requests_by_year",
        rows,
        columns: [
          { key: "report_year", label: t("column.year") },
          { key: "received_count", label: t("column.received"), number: true },
          { key: "received_report_count", label: t("column.reports"), number: true },
          { key: "panel_before_count", label: t("column.panel_before"), number: true },
          { key: "panel_received_count", label: t("column.panel_now"), number: true },
          { key: "panel_report_count", label: t("column.panel_reports"), number: true },
          {
            key: "main_edition_code",
            label: t("column.edition"),
            show: (row) => word("edition", row.main_edition_code),
          },
        ],
      },
      click: (point) => {
        setState({ year: point.x });
        touming.again();
      },
    });
  }

  function showOutcomes(rows) {
    const known = rows.filter((row) => row.disposed_count > 0);
    const base = known.map((row) => OUTCOMES.reduce((sum, name) => sum + row[`${name}_count`], 0));
    touming.showChart("chart-outcomes", {
      title: t("chart.outcomes"),
      note: t("chart.outcomes_note"),
      height: 280,
      traces: OUTCOMES.map((name) => ({
        type: "bar",
        name: word("outcome", name),
        x: known.map((row) => String(row.report_year)),
        y: known.map((row, number) => row[`${name}_count`] / base[number]),
        customdata: known.map((row) => row[`${name}_count`]),
        hovertemplate: `${word("outcome", name)}: %{y:.1%} (%{customdata:,})<extra>%{x}</extra>`,
      })),
      layout: {
        barmode: "stack",
        yaxis: { tickformat: ".0%", range: [0, 1] },
        xaxis: { type: "category" },
        bargap: 0.35,
      },
      table: {
        file: "outcomes_by_year",
        rows,
        columns: [
          { key: "report_year", label: t("column.year") },
          { key: "outcome_report_count", label: t("column.reports"), number: true },
          { key: "disposed_count", label: t("column.disposed"), number: true },
          ...OUTCOMES.map((name) => ({ key: `${name}_count`, label: word("outcome", name), number: true })),
        ],
      },
    });
  }

  // The regions one level down, each with its rows by year; a county shows itself
  function regionsBelow(chosen, kept) {
    const below = touming.childrenOf(chosen.region);
    return (below.length ? below : [chosen.region])
      .map((code) => ({ code, rows: kept.get(`${code}|${chosen.level}|${chosen.scope}`) || [] }))
      .filter((one) => one.rows.length);
  }

  function showRegions(chosen, below, years) {
    const cells = below.flatMap(({ code, rows }) =>
      rows.map((row) => ({
        x: row.report_year,
        y: regionName(code),
        code,
        value: rate(row),
        base: row.disposed_count || 0,
        row,
      })),
    );
    const columns = [
      { key: "region", label: t("column.region"), show: (cell) => cell.y, csv: (cell) => cell.y },
      { key: "region_code", label: t("column.code"), show: (cell) => cell.code, csv: (cell) => cell.code },
      { key: "report_year", label: t("column.year"), show: (cell) => cell.x, csv: (cell) => cell.x },
      {
        key: "disclosed_over_disposed_rate",
        label: t("chart.rate"),
        number: true,
        show: (cell) => percent(cell.value),
        csv: (cell) => cell.value,
      },
      {
        key: "disposed_count",
        label: t("chart.base"),
        number: true,
        show: (cell) => cell.row.disposed_count,
        csv: (cell) => cell.row.disposed_count,
      },
      {
        key: "received_count",
        label: t("column.received"),
        number: true,
        show: (cell) => cell.row.received_count,
        csv: (cell) => cell.row.received_count,
      },
    ];
    const go = (code) => {
      setState({ region: code });
      touming.again();
    };
    touming.showChart("chart-heatmap", {
      title: t("chart.heatmap"),
      note: t("chart.heatmap_note", { n: FLOOR }),
      height: Math.max(220, 60 + 22 * below.length),
      traces: touming.heatmap(
        cells,
        years,
        below.map(({ code }) => regionName(code)).reverse(),
        FLOOR,
        (cell) =>
          `${cell.y} ${cell.x}<br>${t("chart.rate")} ${percent(cell.value)}<br>${t("chart.base")} ${count(cell.base)}`,
      ),
      layout: { xaxis: { type: "category" }, yaxis: { type: "category" } },
      table: { file: "disclosure_rate_by_region", rows: cells, columns },
      click: (point) => {
        const cell = cells.find((one) => one.y === point.y);
        if (cell) go(cell.code);
      },
    });
    const tiles = below
      .map(({ code, rows }) => ({ code, row: rows.find((row) => row.report_year === chosen.year) }))
      .filter((one) => one.row && one.row.received_count > 0);
    touming.showChart("chart-treemap", {
      title: `${t("chart.treemap")} · ${chosen.year}`,
      note: t("chart.treemap_note", { n: FLOOR }),
      height: 300,
      traces: tiles.length
        ? [
            {
              type: "treemap",
              ids: tiles.map((one) => one.code),
              labels: tiles.map((one) => regionName(one.code)),
              parents: tiles.map(() => ""),
              values: tiles.map((one) => Number(one.row.received_count)),
              textinfo: "label+value",
              marker: {
                colors: tiles.map((one) => (one.row.disposed_count >= FLOOR ? shade(rate(one.row)) : GREY)),
                line: { width: 1, color: "#fff" },
              },
              customdata: tiles.map((one) => percent(rate(one.row))),
              hovertemplate: `%{label}<br>${t("column.received")} %{value:,}<br>${t("chart.rate")} %{customdata}<extra></extra>`,
              tiling: { pad: 1 },
              pathbar: { visible: false },
            },
          ]
        : null,
      layout: { margin: { l: 0, r: 0, t: 4, b: 4 } },
      table: { file: "requests_by_region", rows: cells.filter((cell) => cell.x === chosen.year), columns },
      click: (point) => go(point.id),
    });
  }

  function shade(value) {
    const [low, high] = value < 0.5 ? [SCALE[0], SCALE[1]] : [SCALE[1], SCALE[2]];
    const part = (Math.min(1, Math.max(0, value)) - low[0]) / 0.5;
    const mixed = [1, 3, 5].map((at) =>
      Math.round(parseInt(low[1].slice(at, at + 2), 16) * (1 - part) + parseInt(high[1].slice(at, at + 2), 16) * part),
    );
    return `rgb(${mixed.join(",")})`;
  }

  async function render() {
    const years = touming.data("index").years;
    const region = state().region || NATION;
    const kept = await sums(region);
    const begun = performance.now();
    const chosen = choose(kept, years);
    showFilters(chosen, years);
    const rows = (scope) => kept.get(`${chosen.region}|${chosen.level}|${scope}`) || [];
    const own = rows(chosen.scope);
    showNumbers(
      chosen,
      rows("all").find((row) => row.report_year === chosen.year),
      own.find((row) => row.report_year === chosen.year),
    );
    showSeries(chosen, own);
    showOutcomes(own);
    showRegions(chosen, regionsBelow(chosen, kept), years);
    document.body.dataset.filterMs = (performance.now() - begun).toFixed(1);
  }

  touming.page(["region_names"], render);
})();
