// Charts: one look, colours that colour-blind readers can tell apart, and under each its table and CSV.
"use strict";
(function () {
  const { el, t, showTable } = touming;
  const COLOURS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#6b6b6b", "#b8a300"];
  const SCALE = [
    [0, "#f4efe1"],
    [0.5, "#7fa9c4"],
    [1, "#123f63"],
  ];
  const GREY = "#c9c7c1";
  const FONT = '"Source Han Sans SC","Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif';
  const pending = new Map();
  let library = null;

  const loadPlotly = () => library || (library = touming.loadScript("assets/plotly.min.js"));

  // Charts in sight are drawn first, the others when there is time, so that a printed page has all of them
  const watcher = new IntersectionObserver(
    (entries) => entries.filter((entry) => entry.isIntersecting).forEach((entry) => draw(entry.target)),
    { rootMargin: "100px" },
  );
  let later = 0;
  function drawLater() {
    if (later) return;
    later = requestIdleCallback(
      async () => {
        later = 0;
        for (const canvas of [...pending.keys()]) await draw(canvas);
      },
      { timeout: 1500 },
    );
  }

  async function draw(canvas) {
    const figure = pending.get(canvas);
    if (!figure) return;
    pending.delete(canvas);
    await loadPlotly();
    if (!canvas.isConnected) return;
    await Plotly.react(canvas, figure.traces, figure.layout, {
      displayModeBar: false,
      responsive: true,
      locale: "en",
      showTips: false,
    });
    if (figure.click && !canvas.dataset.clickable) {
      canvas.dataset.clickable = "1";
      canvas.on("plotly_click", (event) => canvas.figure.click(event.points[0]));
    }
    // Something else may have been chosen while this was drawn
    if (canvas.figure === figure) canvas.dataset.drawn = "1";
  }

  function layoutOf(own, height) {
    const narrow = innerWidth < 600;
    return {
      // Legends take more lines there
      height: narrow ? height + 30 : height,
      font: { family: FONT, size: 12, color: "#26292d" },
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      colorway: COLOURS,
      hoverlabel: { font: { family: FONT } },
      legend: { orientation: "h", traceorder: "normal", y: 1.02, yanchor: "bottom", x: 0, font: { size: 11 } },
      ...own,
      margin: { l: narrow ? 44 : 56, r: 12, t: 8, b: 36, ...(own.margin || {}) },
      xaxis: { gridcolor: "#e6e3da", zeroline: false, automargin: true, ...(own.xaxis || {}) },
      yaxis: { gridcolor: "#e6e3da", zeroline: false, automargin: true, ...(own.yaxis || {}) },
    };
  }

  // holder: a <figure>; traces null: a note stands in the chart's place; the table is always there
  function showChart(holder, { title, note, traces, layout = {}, height = 300, table, click }) {
    const figure = typeof holder === "string" ? touming.place(holder) : holder;
    let canvas = figure.querySelector(".canvas");
    if (!canvas || !traces) canvas = el("div", { class: "canvas", role: "img" });
    canvas.setAttribute("aria-label", title);
    const open = figure.querySelector("details")?.open;
    const parts = [el("figcaption", {}, el("h2", {}, title), note ? el("p", { class: "note" }, note) : null)];
    if (traces) {
      parts.push(canvas);
      canvas.style.minHeight = `${height}px`;
    }
    if (table) {
      const details = el("details", { open }, el("summary", {}, t("show.table")));
      const add = () => {
        if (details.open && details.childElementCount === 1)
          details.append(showTable(table.columns, table.rows, { file: table.file }));
      };
      details.addEventListener("toggle", add);
      parts.push(details);
      add();
      figure.dataset.rows = table.rows.length;
    }
    if (figure.querySelector(".canvas") === canvas && traces) {
      // Moving the canvas would drop what it shows
      [...figure.children].filter((child) => child !== canvas).forEach((child) => child.remove());
      canvas.before(parts[0]);
      canvas.after(...parts.slice(2));
    } else figure.replaceChildren(...parts);
    if (traces) {
      const wanted = { traces, layout: layoutOf(layout, height), click };
      wanted.drawing = JSON.stringify([wanted.traces, wanted.layout]);
      const stands = canvas.dataset.drawn && canvas.figure.drawing === wanted.drawing;
      canvas.figure = wanted;
      // Drawing is what takes time: what would look the same stays
      if (stands) return;
      delete canvas.dataset.drawn;
      pending.set(canvas, wanted);
      watcher.unobserve(canvas);
      watcher.observe(canvas);
      drawLater();
    }
  }

  // cells: {x, y, value, text, base}; below the floor a cell is grey, whatever its value
  function heatmap(cells, xs, ys, floor, hover) {
    const at = new Map(cells.map((cell) => [`${cell.x}|${cell.y}`, cell]));
    const grid = (choose) =>
      ys.map((y) =>
        xs.map((x) => {
          const cell = at.get(`${x}|${y}`);
          return cell ? choose(cell) : null;
        }),
      );
    const sure = (cell) => cell.base >= floor && cell.value !== null;
    const shared = {
      type: "heatmap",
      x: xs.map(String),
      y: ys,
      xgap: 2,
      ygap: 2,
      hovertemplate: "%{text}<extra></extra>",
      text: grid(hover),
    };
    return [
      {
        ...shared,
        z: grid((cell) => (sure(cell) || cell.value === null ? null : 1)),
        colorscale: [
          [0, GREY],
          [1, GREY],
        ],
        showscale: false,
        hoverongaps: false,
      },
      {
        ...shared,
        z: grid((cell) => (sure(cell) ? cell.value : null)),
        zmin: 0,
        zmax: 1,
        colorscale: SCALE,
        hoverongaps: false,
        colorbar: { thickness: 10, tickformat: ".0%", outlinewidth: 0, len: 0.9 },
      },
    ];
  }

  // A dotted line before each year in which the form changed, as parts of a layout
  const breakMarks = (years) => ({
    shapes: years.map((year) => ({
      type: "line",
      x0: year - 0.5,
      x1: year - 0.5,
      yref: "paper",
      y0: 0,
      y1: 1,
      line: { dash: "dot", width: 1.5, color: "#6b6b6b" },
    })),
    annotations: years.map((year) => ({
      x: year - 0.5,
      yref: "paper",
      y: 1,
      text: t("chart.break"),
      showarrow: false,
      xanchor: "left",
      font: { size: 10 },
    })),
  });

  // 95 % interval of a share by Wilson's formula; null where it is none
  function wilson(part, base) {
    if (!(base > 0) || part < 0 || part > base) return null;
    const z = 1.959963984540054;
    const share = part / base;
    const middle = (share + (z * z) / (2 * base)) / (1 + (z * z) / base);
    const half = (z / (1 + (z * z) / base)) * Math.sqrt((share * (1 - share)) / base + (z * z) / (4 * base * base));
    return [Math.max(0, middle - half), Math.min(1, middle + half)];
  }

  Object.assign(touming, { COLOURS, SCALE, GREY, showChart, heatmap, breakMarks, wilson });
})();
