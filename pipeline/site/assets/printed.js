// The tables of the form as a report prints them: rows, columns, and in each cell its number or the mark of its state.
"use strict";
(function () {
  const { el, t, pick, word, count, data } = touming;
  const MARKS = { b: "blank", "/": "slash", "-": "dash", t: "text", "?": "ambiguous", "!": "illegible", "": "absent" };

  // The compact text of an agency's script -> code -> {value, state}
  function readCells(edition, text) {
    const parts = text.split(",");
    const cells = new Map();
    touming.formCells().forEach((row) => {
      if (row.edition_code !== edition) return;
      const part = parts[row.place];
      const state = part in MARKS ? MARKS[part] : "reported";
      cells.set(row.cell_code, { state, value: state === "reported" ? part : null });
    });
    return cells;
  }

  const markOf = (cell) => {
    if (!cell || cell.state === "absent") return t("mark.absent");
    if (cell.state === "reported") return count(cell.value);
    return cell.state === "ambiguous" || cell.state === "illegible" ? t("mark.unclear") : t("mark.missing");
  };

  // The form prints a heading where a group of rows begins
  const headings = (groups, before, width) =>
    groups
      .map((group, depth) =>
        before[depth] === group
          ? null
          : el(
              "tr",
              { class: "group" },
              el("th", { class: `depth-${depth}`, colspan: width + 1, scope: "colgroup" }, word("group", group)),
            ),
      )
      .filter(Boolean);

  // show(code, cell, text) makes what stands in a cell; red: codes that contradict others; doubtful: codes in doubt
  function showTables(edition, cells, { red, doubtful, show }) {
    return (data("forms").tables[edition] || []).map((table) => {
      const rows = table.rows.filter(
        ([row, , , , columns, optional]) =>
          !optional ||
          columns.some((column) => (cells.get(`${table.code}.${row}.${column}`) || {}).state === "reported"),
      );
      const printed = rows.some(([row, , , , columns]) =>
        columns.some((column) => {
          const cell = cells.get(`${table.code}.${row}.${column}`);
          return cell && cell.state !== "absent";
        }),
      );
      return el(
        "section",
        { class: "printed", "data-table": table.code },
        el("h3", {}, pick(table.label)),
        printed
          ? el(
              "div",
              { class: "scroll", tabindex: "0" },
              el(
                "table",
                { class: "form" },
                el(
                  "thead",
                  {},
                  el(
                    "tr",
                    {},
                    el("th", { scope: "col" }, t("table.rows_of")),
                    table.columns.map(([, zh, en]) => el("th", { scope: "col", class: "number" }, pick([zh, en]))),
                  ),
                ),
                el(
                  "tbody",
                  {},
                  rows.flatMap(([row, zh, en, groups, columns], number) => [
                    ...headings(groups, number ? rows[number - 1][3] : [], table.columns.length),
                    el(
                      "tr",
                      {},
                      el("th", { scope: "row", class: `depth-${groups.length}` }, pick([zh, en])),
                      table.columns.map(([column]) => {
                        if (!columns.includes(column)) return el("td", { class: "none" });
                        const code = `${table.code}.${row}.${column}`;
                        const cell = cells.get(code);
                        const state = cell ? cell.state : "absent";
                        const kind = red.has(code)
                          ? "red"
                          : doubtful.has(code)
                            ? "doubt"
                            : state === "reported"
                              ? Number(cell.value) === 0
                                ? "zero"
                                : "known"
                              : "missing";
                        const title = `${touming.cellLabel(edition, code)}: ${word("state", state)}`;
                        return el(
                          "td",
                          { class: `number ${kind}`, "data-cell": code, title },
                          show(code, cell, markOf(cell)),
                        );
                      }),
                    ),
                  ]),
                ),
              ),
            )
          : el("p", { class: "soft" }, t("agency.no_form")),
      );
    });
  }

  // Which cells contradict others, and which are in doubt
  function flagged(findings) {
    const red = new Set();
    const doubtful = new Set();
    findings.forEach((finding) =>
      (finding.cell_code_list || []).forEach((code) =>
        (finding.verdict_code === "fail" && !finding.is_across_reports && finding.decision_code !== "dismissed"
          ? red
          : doubtful
        ).add(code),
      ),
    );
    return { red, doubtful };
  }

  const findingColumns = (extra = []) => [
    ...extra,
    {
      key: "rule_code",
      label: t("column.rule"),
      show: (row) => el("span", { title: ruleText(row.rule_code) }, row.rule_code),
    },
    { key: "place_text", label: t("column.place") },
    {
      key: "verdict_code",
      label: t("column.verdict"),
      show: (row) =>
        el(
          "span",
          { class: `grade ${row.verdict_code === "fail" ? "contradictory" : "unresolved"}` },
          word("verdict", row.verdict_code),
        ),
    },
    { key: "left_value", label: t("column.left"), number: true, show: (row) => count(row.left_value) },
    { key: "right_value", label: t("column.right"), number: true, show: (row) => count(row.right_value) },
    {
      key: "message_text",
      label: t("column.message"),
      wide: true,
      show: (row) => (touming.language() === "zh" ? `${ruleText(row.rule_code)}` : row.message_text),
      csv: (row) => row.message_text,
    },
    {
      key: "cell_code_list",
      label: t("column.cells"),
      wide: true,
      show: (row) =>
        el(
          "span",
          {},
          (row.cell_code_list || [])
            .slice(0, 12)
            .flatMap((code, number) => [
              number ? " · " : "",
              touming.cellLink(row, code, touming.cellLabel(row.edition_code, code)),
            ]),
        ),
    },
    {
      key: "decision_code",
      label: t("column.decision"),
      show: (row) => (row.decision_code ? word("decision", row.decision_code) : null),
    },
  ];
  const ruleText = (code) => {
    const rule = data("labels").rules[code];
    return rule ? pick(rule.label) : code;
  };

  Object.assign(touming, { readCells, markOf, showTables, flagged, findingColumns, ruleText });
})();
