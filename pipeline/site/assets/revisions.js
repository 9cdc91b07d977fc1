// 修订: versions that differ from the one before, and the cells that changed.
"use strict";
(function () {
  const { t, word, count, el, fill, link, rowsOf, data } = touming;

  const shown = (value, state, raw) =>
    value === null ? `${word("state", state)}${raw ? ` “${raw}”` : ""}` : count(value);
  touming.revisionColumns = (about) => [
    {
      key: "cell_code",
      label: t("column.cell"),
      wide: true,
      show: (row) =>
        touming.cellLink(
          {
            agency_id: row.agency_id || about.agency_id,
            report_id: row.report_id || about.report_id,
            edition_code: row.edition_code || about.edition_code,
          },
          row.cell_code,
          touming.cellLabel(row.edition_code || about.edition_code, row.cell_code),
        ),
    },
    {
      key: "previous_value",
      label: t("column.before"),
      number: true,
      show: (row) => shown(row.previous_value, row.previous_state_code, row.previous_raw_text),
    },
    {
      key: "value",
      label: t("column.after"),
      number: true,
      show: (row) => shown(row.value, row.state_code, row.raw_text),
    },
  ];

  async function render() {
    const versions = rowsOf(data("changed_versions"));
    fill(
      "versions",
      versions.length
        ? touming.showTable(
            [
              { key: "report_year", label: t("column.year"), show: (row) => String(row.report_year) },
              {
                key: "agency_name",
                label: t("column.agency"),
                show: (row) =>
                  el("a", { href: link("agency", { id: row.agency_id, year: row.report_year }) }, row.agency_name),
              },
              {
                key: "report_id",
                label: t("column.version"),
                show: (row) =>
                  el(
                    "a",
                    { href: link("report", { id: row.report_id, agency: row.agency_id }) },
                    String(row.version_number),
                  ),
              },
              {
                key: "version_change_code",
                label: t("column.change"),
                show: (row) => word("change", row.version_change_code),
              },
              { key: "captured_date", label: t("column.captured") },
              { key: "changed_cell_count", label: t("revisions.cells"), number: true },
            ],
            versions,
            { file: "changed_versions" },
          )
        : el("p", { class: "soft" }, t("revisions.none")),
    );
    const years = data("index").revision_years;
    touming.place("cells-part").hidden = !years.length;
    if (!years.length) return;
    const year = years.includes(Number(touming.state().year)) ? Number(touming.state().year) : years[years.length - 1];
    touming.showFilters("filters", [
      touming.choice(
        "year",
        t("filter.year"),
        years.map((one) => [one, one]),
        year,
        (value) => {
          touming.setState({ year: value });
          touming.again();
        },
      ),
    ]);
    const rows = rowsOf(await touming.load(`revision/${year}`));
    fill(
      "cells",
      touming.showTable(
        [
          { key: "agency_name", label: t("column.agency") },
          { key: "version_number", label: t("column.version"), number: true },
          ...touming.revisionColumns({}),
        ],
        rows,
        { file: `revisions_${year}` },
      ),
    );
  }

  if (document.body.dataset.page === "revisions") touming.page(["changed_versions", "forms"], render);
})();
