// 年报与原文: what was read beside what is printed; pointing at either side lights up the other.
"use strict";
(function () {
  const { t, word, count, el, fill, state, link, rowsOf, data } = touming;
  const PLACE = /^(?:(P\d+) ?)?(?:L(\d+)(?::(\d+)-(\d+))?)$/;
  // code -> the marks and table cells of the source that hold it
  let marks = new Map();
  let detail = null;
  let cells = new Map();

  const isServed = () => location.protocol.startsWith("http");

  async function find(id) {
    if (!id || !/^[0-9a-f]+$/.test(id) || !(data("index").has_reports || isServed())) return null;
    return touming.load(`report/${id}`);
  }

  function showAbout(about) {
    document.title = `${about.agency_name} ${about.report_year || ""} · ${t("site.name")}`;
    fill("report-title", `${about.agency_name} ${about.report_year || ""}`);
    const facts = [
      [t("column.title"), about.title_text],
      [t("column.edition"), about.edition_code ? word("edition", about.edition_code) : null],
      [t("column.scope"), word("scope", about.scope_code)],
      [t("report.identity"), word("confidence", about.identity_confidence_code)],
      [t("column.grade"), word("grade", about.grade_code)],
      [t("column.published"), about.published_date],
      [t("report.captured"), about.captured_date],
      [t("column.version"), `${about.version_number} (${word("change", about.version_change_code)})`],
      [t("column.format"), word("media", about.media_type)],
      [
        t("report.recall"),
        about.printed_number_count === null
          ? null
          : `${count(about.read_number_count)} / ${count(about.printed_number_count)}`,
      ],
      [t("report.origin"), about.origin_text],
      [t("report.sha256"), el("code", {}, about.sha256)],
    ];
    fill(
      "report-about",
      facts.filter(([, value]) => value).flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]),
    );
    fill(
      "to-agency",
      el("a", { href: link("agency", { id: about.agency_id, year: about.report_year }) }, t("report.to_agency")),
    );
  }

  // --- the source ---------------------------------------------------------------------------------------------------
  // What stands in each line: line -> [{start, end, code}], characters counted from 1
  function placesByLine() {
    const lines = new Map();
    cells.forEach((cell, code) => {
      const match = PLACE.exec(cell.locator_text || "");
      if (!match || !match[3]) return;
      const key = `${match[1] || ""}|${match[2]}`;
      if (!lines.has(key)) lines.set(key, []);
      lines.get(key).push({ start: Number(match[3]), end: Number(match[4]), code });
    });
    lines.forEach((places) => places.sort((one, other) => one.start - other.start));
    return lines;
  }

  function mark(tag, code, ...children) {
    const made = el(tag, { class: "mark", "data-cell": code, tabindex: "0" }, ...children);
    if (!marks.has(code)) marks.set(code, []);
    marks.get(code).push(made);
    return made;
  }

  function showLine(block, lines) {
    const match = PLACE.exec(block.place);
    const places = match ? lines.get(`${match[1] || ""}|${match[2]}`) || [] : [];
    const first = match && match[3] ? Number(match[3]) : 1;
    const parts = [];
    let at = 0;
    places.forEach(({ start, end, code }) => {
      const from = start - first;
      if (from < at || end - first + 1 > block.text.length) return;
      parts.push(block.text.slice(at, from), mark("mark", code, block.text.slice(from, end - first + 1)));
      at = end - first + 1;
    });
    parts.push(block.text.slice(at));
    return el(
      block.style === "title" ? "h3" : block.style === "heading" ? "h4" : "p",
      { class: "line", "data-place": block.place },
      parts,
    );
  }

  function showGrid(block, codes, lines) {
    return el(
      "div",
      { class: "scroll", tabindex: "0" },
      el(
        "table",
        { class: "source-table" },
        el(
          "tbody",
          {},
          block.rows.map((row) =>
            el(
              "tr",
              {},
              row.map((cell) => {
                const spans = { rowspan: cell.rows, colspan: cell.columns, "data-place": cell.place };
                const code = codes.get(cell.place);
                if (code) {
                  const made = mark("td", code, cell.text);
                  Object.entries(spans).forEach(([name, value]) => {
                    if (value) made.setAttribute(name, value);
                  });
                  return made;
                }
                // In text a cell of a table is a stretch of its line, which may hold several numbers
                return el("td", spans, PLACE.test(cell.place) ? [...showLine(cell, lines).childNodes] : cell.text);
              }),
            ),
          ),
        ),
      ),
    );
  }

  function showSource(source) {
    marks = new Map();
    const codes = new Map();
    cells.forEach((cell, code) => {
      if (cell.locator_text) codes.set(cell.locator_text, code);
    });
    const lines = placesByLine();
    const problem = source.find((block) => block.problem);
    if (problem) {
      fill(
        "source",
        el("p", { class: "note" }, t("report.unreadable_source", { problem: problem.problem })),
        rowsOf(detail.section)
          .map((row) => [el("h4", {}, row.heading_text), el("p", {}, row.body_text)])
          .flat(),
      );
      return;
    }
    fill(
      "source",
      source.map((block) => (block.rows ? showGrid(block, codes, lines) : showLine(block, lines))),
    );
    touming.place("source").dataset.marks = marks.size;
  }

  // --- one side lights up the other ------------------------------------------------------------------------------------
  const partners = (code) => [
    ...document.querySelectorAll(`#parsed [data-cell="${CSS.escape(code)}"]`),
    ...(marks.get(code) || []),
  ];

  function light(code, scrolled) {
    document.querySelectorAll(".lit").forEach((lit) => lit.classList.remove("lit"));
    const cell = cells.get(code);
    if (!cell) return;
    const found = partners(code);
    found.forEach((one) => one.classList.add("lit"));
    found
      .filter((one) => one.closest(scrolled))
      .slice(0, 1)
      .forEach(touming.bring);
    fill(
      "picked",
      el("strong", {}, touming.cellLabel(detail.about.edition_code, code)),
      " ",
      el(
        "span",
        {},
        `${t("report.value")} ${cell.value === null ? "—" : `${count(cell.value)} ${cell.unit}`} (${word("state", cell.state_code)})`,
      ),
      " · ",
      el("span", {}, `${t("report.raw")} “${cell.raw_text}”`),
      " · ",
      el("span", {}, `${t("report.place")} ${cell.locator_text || "—"}`),
      " · ",
      el("span", {}, `${t("report.method")} ${word("method", cell.method_code)}`),
      " ",
      el("code", {}, code),
    );
    touming.place("picked").dataset.cell = code;
  }

  function listen() {
    const react = (event) => {
      const from = event.target.closest && event.target.closest("[data-cell]");
      if (from) light(from.dataset.cell, from.closest("#parsed") ? "#source" : "#parsed");
    };
    ["mouseover", "focusin", "click"].forEach((name) =>
      ["parsed", "source"].forEach((side) => touming.place(side).addEventListener(name, react)),
    );
  }

  async function render() {
    const { id, agency, cell } = state();
    detail = await find(id);
    touming.place("report").hidden = !detail;
    if (!detail) return touming.showWithout(id, agency);
    fill("report-missing");
    fill("bare");
    cells = new Map(rowsOf(detail.cell).map((row) => [row.cell_code, row]));
    showAbout(detail.about);
    const shown = new Map([...cells].map(([code, row]) => [code, { state: row.state_code, value: row.value }]));
    const flags = touming.flagged(rowsOf(detail.finding));
    fill(
      "parsed",
      shown.size
        ? touming.showTables(detail.about.edition_code, shown, {
            ...flags,
            show: (code, one, text) => el("button", { type: "button", class: "cell" }, text),
          })
        : el("p", { class: "soft" }, t("agency.no_form")),
    );
    showSource(detail.source);
    fill("picked", t("report.pick_cell"));
    touming.showRest(detail);
    if (cell) {
      light(cell, "#parsed");
      light(cell, "#source");
    }
    return null;
  }

  document.addEventListener("DOMContentLoaded", listen);
  touming.page(["forms"], render);
})();
