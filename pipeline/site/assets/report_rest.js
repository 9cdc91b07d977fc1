// What else is known of a report: findings, sentences, versions, rules, issues; and what is left without its script.
"use strict";
(function () {
  const { t, word, count, el, fill, state, link, rowsOf, data, pick } = touming;

  // Scrolls the pane alone, so that what the reader points at stays where it is
  function bring(element) {
    const table = element.closest(".scroll");
    if (table && table.scrollWidth > table.clientWidth)
      table.scrollLeft = element.offsetLeft + element.offsetWidth - table.clientWidth + 8;
    const pane = element.closest(".pane");
    if (!pane || pane.scrollHeight <= pane.clientHeight) return;
    const offset = element.getBoundingClientRect().top - pane.getBoundingClientRect().top;
    if (offset < 40 || offset > pane.clientHeight - 60) pane.scrollTop += offset - pane.clientHeight / 3;
  }

  function lightSentence(sentence) {
    document.querySelectorAll(".sentence").forEach((lit) => lit.classList.remove("sentence"));
    const compact = (text) => text.replace(/\s/g, "");
    const found = [...document.querySelectorAll("#source .line")].find((line) =>
      compact(line.textContent).includes(compact(sentence)),
    );
    if (found) {
      found.classList.add("sentence");
      bring(found);
    }
  }

  function showRest(detail) {
    const { about } = detail;
    const withReport = (row) => ({
      ...row,
      agency_id: about.agency_id,
      report_id: about.report_id,
      edition_code: about.edition_code,
    });
    const findings = rowsOf(detail.finding).map(withReport);
    fill(
      "findings",
      findings.length
        ? touming.showTable(touming.findingColumns(), findings, { file: `${about.report_id}_findings` })
        : el("p", { class: "soft" }, t("list.no_findings")),
    );
    fill(
      "claims",
      touming.showTable(
        [
          {
            key: "fact_code",
            label: t("column.fact"),
            show: (row) => {
              const fact = data("labels").facts[row.fact_code];
              return fact ? pick(fact) : row.fact_code;
            },
          },
          {
            key: "value",
            label: t("column.value"),
            number: true,
            show: (row) => `${row.is_approximate ? "≈ " : ""}${count(row.value)} ${row.unit}`,
            csv: (row) => row.value,
          },
          {
            key: "sentence_text",
            label: t("column.sentence"),
            wide: true,
            show: (row) =>
              el(
                "button",
                {
                  type: "button",
                  class: "sentence-link",
                  onmouseover: () => lightSentence(row.sentence_text),
                  onfocus: () => lightSentence(row.sentence_text),
                  onclick: () => lightSentence(row.sentence_text),
                },
                row.sentence_text,
              ),
          },
        ],
        rowsOf(detail.claim),
        { file: `${about.report_id}_claims` },
      ),
    );
    fill(
      "versions",
      touming.showTable(
        [
          { key: "version_number", label: t("column.version"), number: true },
          {
            key: "version_report_id",
            label: t("column.code"),
            show: (row) =>
              row.version_report_id === about.report_id
                ? el("strong", {}, row.version_report_id)
                : el(
                    "a",
                    { href: link("report", { id: row.version_report_id, agency: about.agency_id }) },
                    row.version_report_id,
                  ),
          },
          {
            key: "version_change_code",
            label: t("column.change"),
            show: (row) => word("change", row.version_change_code),
          },
          { key: "captured_date", label: t("column.captured") },
          { key: "media_type", label: t("column.format"), show: (row) => word("media", row.media_type) },
        ],
        rowsOf(detail.version),
        { file: `${about.report_id}_versions` },
      ),
    );
    const revisions = rowsOf(detail.revision);
    touming.place("revision-part").hidden = !revisions.length;
    fill(
      "revisions",
      touming.showTable(touming.revisionColumns(about), revisions, { file: `${about.report_id}_revisions` }),
    );
    fill(
      "verdicts",
      touming.showTable(
        [
          {
            key: "rule_code",
            label: t("column.rule"),
            show: (row) =>
              el(
                "span",
                { title: touming.ruleText(row.rule_code) },
                `${row.rule_code} ${touming.ruleText(row.rule_code)}`,
              ),
            csv: (row) => row.rule_code,
          },
          ...[
            ["pass", "passes"],
            ["fail", "fails"],
            ["explained", "explained"],
            ["unresolved", "unresolved"],
            ["not_assessable", "not_assessable"],
          ].map(([name, label]) => ({ key: `${name}_count`, label: t(`column.${label}`), number: true })),
        ],
        rowsOf(detail.verdict),
        { file: `${about.report_id}_rules` },
      ),
    );
    fill(
      "issues",
      touming.showTable(
        [
          { key: "issue_code", label: t("column.code") },
          { key: "message_text", label: t("column.message"), wide: true },
          { key: "locator_text", label: t("column.place") },
        ],
        rowsOf(detail.issue),
        { file: `${about.report_id}_issues` },
      ),
    );
  }

  // Without its script a report still has what its agency's page has
  async function showWithout(id, agency) {
    const shard = agency ? await touming.load(`agency/${touming.shardOf(agency)}`) : null;
    const known = shard && shard.agencies[agency];
    const row =
      known && rowsOf({ columns: shard.columns.report, rows: known.report }).find((one) => one.report_id === id);
    fill(
      "report-missing",
      row ? t("report.no_detail") : t("show.unfound"),
      " ",
      known
        ? el("a", { href: link("agency", { id: agency, year: row && row.report_year }) }, t("report.to_agency"))
        : null,
    );
    fill("report-title", known ? `${known.agency_name} ${(row && row.report_year) || ""}` : t("page.report"));
    const findings = known
      ? rowsOf({ columns: shard.columns.finding, rows: known.finding }).filter((one) => one.report_id === id)
      : [];
    fill(
      "bare",
      row && row.cells_text
        ? touming.showTables(row.edition_code, touming.readCells(row.edition_code, row.cells_text), {
            ...touming.flagged(findings),
            show: (code, cell, text) => text,
          })
        : null,
    );
    document
      .querySelectorAll(`#bare [data-cell="${CSS.escape(state().cell || "")}"]`)
      .forEach((cell) => cell.classList.add("lit"));
  }

  Object.assign(touming, { bring, showRest, showWithout });
})();
