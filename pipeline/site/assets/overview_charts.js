// Charts of the overview: requests by year, outcomes, and the regions one level down.
"use strict";
(function () {
  const { GREY, SCALE, t, word, count, percent, setState, regionName } = touming;
  const FLOOR = 30;
  // Tiles from this share of the whole on have room for their number; a second line in all takes as long as all charts
  const LABELLED = 0.05;
  const OUTCOMES = ["granted", "granted_partial", "denied", "unavailable", "unprocessed", "other"];
  const rate = (row) =>
    row && row.disposed_count ? (row.granted_count + row.granted_partial_count) / row.disposed_count : null;

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
        ...touming.breakMarks(breaks),
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
      .map((code) => ({ code, rows: kept.rows(code, chosen.level, chosen.scope) }))
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
    const whole = tiles.reduce((sum, one) => sum + Number(one.row.received_count), 0);
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
              texttemplate: tiles.map((one) =>
                one.row.received_count >= LABELLED * whole ? "%{label}<br>%{value:,}" : "%{label}",
              ),
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

  Object.assign(touming, { rate, showSeries, showOutcomes, regionsBelow, showRegions });
})();
