// Lists of agencies of a place and year, and the words for the cells that their numbers are printed in.
"use strict";
(function () {
  const { NATION, t, word, count, percent, el, link, rowsOf, data } = touming;
  // A country of so many rows is loaded whole; a larger one province by province
  const WHOLE_COUNTRY = 50_000;
  const COUNTRY_ORGANS = "00";
  // A column of the lists -> the cell of the form it is, in the forms that have it
  const CELLS = {
    request_received_count: "requests.new_received.total",
    request_disposed_count: "requests.total_disposed.total",
    licensing_decision_count: "proactive.licensing.decisions",
    penalty_decision_count: "proactive.penalty.decisions",
    coercion_decision_count: "proactive.coercion.decisions",
    review_count: "disputes.review.total",
    granted_count: "requests.granted.total",
  };

  let cells = null;
  // edition|code -> its row of form_cell, with its place in the printed order
  function formCells() {
    if (!cells) {
      cells = new Map();
      const places = new Map();
      rowsOf(data("forms").cells).forEach((row) => {
        const place = places.get(row.edition_code) || 0;
        places.set(row.edition_code, place + 1);
        cells.set(`${row.edition_code}|${row.cell_code}`, { ...row, place });
      });
    }
    return cells;
  }
  const cellLabel = (edition, code) => {
    const known =
      formCells().get(`${edition}|${code}`) || [...formCells().values()].find((row) => row.cell_code === code);
    return known ? touming.pick([known.label_zh, known.label_en]) : code;
  };

  // The areas that hold a region's agencies; [] where the country is too large to be listed at once
  function areasOf(region) {
    const { areas, build } = data("index");
    if (region === "none") return ["none"];
    if (region !== NATION) return [region.slice(0, 2)];
    return build.agency_year_count <= WHOLE_COUNTRY ? areas : [];
  }

  async function loadYear(areas, year) {
    const { lists } = data("index");
    const tables = await Promise.all(
      areas.filter((area) => lists.includes(`${area}-${year}`)).map((area) => touming.load(`year/${area}-${year}`)),
    );
    return tables.flatMap(rowsOf);
  }

  function keep(rows, { region = NATION, level = "all", status, name, scope }) {
    const prefix = region === "none" ? "" : touming.prefixOf(region);
    return rows.filter(
      (row) =>
        (!prefix || (row.region_code || "").startsWith(prefix)) &&
        (level === "all" || (row.division_level || "unknown") === level) &&
        (!status || row.obligation_status_code === status) &&
        (!name || row.agency_name.includes(name)) &&
        (!scope || (row.report_id && (row.scope_code || "unknown") === scope)),
    );
  }

  // An agency is in the script of the division that its identifier names (shard_of in agencies.py)
  const shardOf = (id) => touming.scriptName(id.startsWith("cn-") ? id.slice(3, 9) : id.slice(0, 4));

  const agencyLink = (row) =>
    el("a", { href: link("agency", { id: row.agency_id, year: row.report_year }) }, row.agency_name);
  const cellLink = (row, code, text) =>
    el(
      "a",
      {
        href: link("report", { id: row.report_id, agency: row.agency_id, cell: code }),
        title: cellLabel(row.edition_code, code),
      },
      text,
    );

  // A number leads to its printed cell, where the report's form has it
  function numberColumn(key, label) {
    const code = CELLS[key];
    return {
      key,
      label,
      number: true,
      show: (row) =>
        row[key] === null
          ? null
          : code && row.report_id && formCells().has(`${row.edition_code}|${code}`)
            ? cellLink(row, code, count(row[key]))
            : count(row[key]),
    };
  }

  const agencyColumns = () => [
    { key: "agency_name", label: t("column.agency"), show: agencyLink },
    { key: "agency_id", label: t("column.code"), show: (row) => el("code", {}, row.agency_id) },
    { key: "report_year", label: t("column.year"), show: (row) => String(row.report_year) },
    { key: "division_level", label: t("column.level"), show: (row) => word("level", row.division_level) },
    { key: "organ_kind_code", label: t("column.kind"), show: (row) => word("kind", row.organ_kind_code) },
    {
      key: "obligation_status_code",
      label: t("column.status"),
      show: (row) =>
        el("span", { class: `status ${row.obligation_status_code}` }, word("status", row.obligation_status_code)),
    },
    numberColumn("request_received_count", t("column.received")),
    numberColumn("request_disposed_count", t("column.disposed")),
    {
      key: "disclosed_over_disposed_rate",
      label: t("column.rate"),
      number: true,
      show: (row) => percent(row.disclosed_over_disposed_rate),
    },
    numberColumn("licensing_decision_count", t("column.licensing")),
    numberColumn("penalty_decision_count", t("column.penalty")),
    numberColumn("review_count", t("column.review")),
    { key: "litigation_count", label: t("column.litigation"), number: true },
    {
      key: "scope_code",
      label: t("column.scope"),
      show: (row) => (row.report_id ? word("scope", row.scope_code) : null),
    },
    {
      key: "grade_code",
      label: t("column.grade"),
      show: (row) =>
        row.grade_code ? el("span", { class: `grade ${row.grade_code}` }, word("grade", row.grade_code)) : null,
    },
  ];

  // The organs of provinces and of the centre stand for a country that is too large to be listed
  Object.assign(touming, {
    COUNTRY_ORGANS,
    shardOf,
    formCells,
    cellLabel,
    areasOf,
    loadYear,
    keep,
    agencyLink,
    cellLink,
    numberColumn,
    agencyColumns,
  });
})();
