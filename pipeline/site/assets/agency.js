// 机关画像: one agency: years, tables as printed, findings, peers, reports.
"use strict";
(function () {
  const { t, word, count, percent, el, fill, state, setState, link, rowsOf } = touming;
  const unpack = (columns, rows) => rowsOf({ columns, rows });

  async function find(id) {
    const shard = id ? await touming.load(`agency/${touming.shardOf(id)}`) : null;
    const found = shard && shard.agencies[id];
    if (!found) return null;
    if (!found.unpacked)
      found.unpacked = {
        ...found,
        id,
        years: unpack(shard.columns.years, found.years),
        reports: unpack(shard.columns.report, found.report),
        findings: unpack(shard.columns.finding, found.finding),
        lineage: unpack(shard.columns.lineage, found.lineage),
      };
    return found.unpacked;
  }

  function showHead(agency) {
    document.title = `${agency.agency_name} · ${t("site.name")}`;
    fill("agency-name", agency.agency_name);
    fill(
      "agency-about",
      [agency.region_path_text, word("level", agency.division_level), word("kind", agency.organ_kind_code), agency.id]
        .filter(Boolean)
        .join(" · "),
      agency.lineage.length
        ? el(
            "span",
            {},
            ` · ${t("list.lineage")}: `,
            agency.lineage.flatMap((row) => [
              el("a", { href: link("agency", { id: row.predecessor_agency_id }) }, row.predecessor_name),
              ` (${word("lineage", row.lineage_kind_code)} ${row.change_year}) `,
            ]),
          )
        : null,
    );
  }

  function showSeries(agency) {
    const rows = agency.years;
    const known = rows.filter((row) => row.report_id);
    const breaks = known.filter((row) => row.is_series_break).map((row) => row.report_year);
    touming.showChart("chart-series", {
      title: t("chart.series"),
      height: 260,
      traces: known.length
        ? [
            {
              type: "bar",
              name: t("column.received"),
              x: known.map((row) => row.report_year),
              y: known.map((row) => row.request_received_count),
              marker: { color: "#9bbdd3" },
            },
            {
              name: t("column.rate"),
              x: known.map((row) => row.report_year),
              y: known.map((row) => row.disclosed_over_disposed_rate),
              yaxis: "y2",
              mode: "lines+markers",
              line: { color: "#d55e00" },
              connectgaps: false,
              hovertemplate: "%{y:.1%}<extra></extra>",
            },
          ]
        : null,
      layout: {
        margin: { r: 44 },
        xaxis: {
          dtick: 1,
          tickformat: "d",
          range: [rows[0].report_year - 0.6, rows[rows.length - 1].report_year + 0.6],
        },
        yaxis: { rangemode: "tozero", tickformat: ",d" },
        yaxis2: {
          overlaying: "y",
          side: "right",
          range: [0, 1.02],
          tickformat: ".0%",
          showgrid: false,
          tickmode: "linear",
          dtick: 0.25,
        },
        bargap: 0.5,
        ...touming.breakMarks(breaks),
      },
      table: {
        file: `${agency.id}_years`,
        rows,
        columns: [
          { key: "report_year", label: t("column.year"), show: (row) => String(row.report_year) },
          {
            key: "obligation_status_code",
            label: t("column.status"),
            show: (row) =>
              el("span", { class: `status ${row.obligation_status_code}` }, word("status", row.obligation_status_code)),
          },
          { key: "published_date", label: t("column.published") },
          {
            key: "deadline_date",
            label: t("column.deadline"),
            show: (row) =>
              row.deadline_date ? `${row.deadline_date} (${word("basis", row.deadline_basis_code)})` : null,
            csv: (row) => row.deadline_date,
          },
          ...[
            "request_received_count",
            "request_disposed_count",
            "licensing_decision_count",
            "penalty_decision_count",
            "coercion_decision_count",
            "review_count",
          ]
            .map((key) =>
              touming.numberColumn(
                key,
                t(
                  `column.${{ request_received_count: "received", request_disposed_count: "disposed", licensing_decision_count: "licensing", penalty_decision_count: "penalty", coercion_decision_count: "coercion", review_count: "review" }[key]}`,
                ),
              ),
            )
            .map((column) => ({ ...column, show: (row) => column.show({ ...row, agency_id: agency.id }) })),
          {
            key: "disclosed_over_disposed_rate",
            label: t("column.rate"),
            number: true,
            show: (row) => percent(row.disclosed_over_disposed_rate),
          },
          {
            key: "grade_code",
            label: t("column.grade"),
            show: (row) => (row.grade_code ? word("grade", row.grade_code) : null),
          },
        ],
      },
    });
  }

  function showPrinted(agency, year) {
    const report = touming.latestOf(agency, year);
    const findings = agency.findings
      .filter((row) => report && row.report_id === report.report_id)
      .map((row) => ({ ...row, agency_id: agency.id, edition_code: report.edition_code }));
    if (!report) fill("printed", el("p", { class: "soft" }, t("agency.no_report")));
    else if (!report.cells_text) fill("printed", el("p", { class: "soft" }, t("agency.no_form")));
    else {
      fill(
        "printed",
        touming.showTables(report.edition_code, touming.cellsOf(report), {
          ...touming.flagged(findings),
          show: (code, cell, text) => touming.cellLink({ ...report, agency_id: agency.id }, code, text),
        }),
      );
    }
    const all = agency.findings.map((row) => ({
      ...row,
      agency_id: agency.id,
      edition_code: (touming.latestOf(agency, row.report_year) || {}).edition_code,
    }));
    fill(
      "findings",
      all.length
        ? touming.showTable(
            touming.findingColumns([
              { key: "report_year", label: t("column.year"), show: (row) => String(row.report_year) },
            ]),
            all,
            { file: `${agency.id}_findings` },
          )
        : el("p", { class: "soft" }, t("list.no_findings")),
    );
  }

  function showReports(agency) {
    fill(
      "reports",
      touming.showTable(
        [
          {
            key: "report_year",
            label: t("column.year"),
            show: (row) => (row.report_year ? String(row.report_year) : null),
          },
          {
            key: "title_text",
            label: t("column.title"),
            wide: true,
            show: (row) =>
              el(
                "a",
                { href: link("report", { id: row.report_id, agency: agency.id }) },
                row.title_text || row.report_id,
              ),
          },
          { key: "version_number", label: t("column.version"), number: true },
          {
            key: "version_change_code",
            label: t("column.change"),
            show: (row) => word("change", row.version_change_code),
          },
          { key: "published_date", label: t("column.published") },
          {
            key: "edition_code",
            label: t("column.edition"),
            show: (row) => (row.edition_code ? word("edition", row.edition_code) : null),
          },
          { key: "grade_code", label: t("column.grade"), show: (row) => word("grade", row.grade_code) },
        ],
        agency.reports,
        { file: `${agency.id}_reports` },
      ),
    );
  }

  // As mart.peers: the same level, kind and field under the division directly above, else in the province
  async function showPeers(agency, year) {
    const region = agency.region_code;
    if (!region) {
      fill("peers");
      return;
    }
    const above = { township: 6, county: 4, prefecture: 2 }[agency.division_level] || 0;
    const within = agency.division_level === "province" ? "" : region.slice(0, 2);
    const rows = (await touming.loadYear([within || touming.COUNTRY_ORGANS], year)).filter(
      (row) =>
        row.division_level === agency.division_level &&
        row.organ_kind_code === agency.organ_kind_code &&
        row.department_code === agency.department_code &&
        (row.region_code || "").startsWith(within),
    );
    const near = rows.filter((row) => (row.region_code || "").startsWith(region.slice(0, above)));
    const isNear = near.some((row) => row.agency_id !== agency.id);
    const group = isNear ? near : rows;
    fill(
      "peers",
      el(
        "p",
        { class: "note" },
        t(isNear ? "list.peers_note" : "list.peers_province", { year, n: count(group.length) }),
        " ",
        el(
          "a",
          {
            href: link("compare", {
              region: within ? `${within}0000` : touming.NATION,
              level: agency.division_level,
              kind: agency.organ_kind_code,
              department: agency.department_code,
              year,
            }),
          },
          t("list.compare"),
        ),
      ),
      touming.showTable(
        touming
          .agencyColumns()
          .filter((column) => !["agency_id", "report_year", "division_level", "organ_kind_code"].includes(column.key)),
        group,
        { file: `${agency.id}_peers_${year}`, limit: 20 },
      ),
    );
    touming.place("peers").dataset.rows = group.length;
  }

  async function render() {
    const id = state().id;
    const agency = await find(id);
    touming.place("agency").hidden = !agency;
    fill(
      "agency-missing",
      agency
        ? null
        : [t(id ? "show.unfound" : "agency.choose"), " ", el("a", { href: "agencies.html" }, t("agency.to_list"))],
    );
    if (!agency) return;
    const years = agency.years.map((row) => row.report_year);
    const withReport = agency.years.filter((row) => row.report_id).map((row) => row.report_year);
    const asked = Number(state().year);
    const year =
      years.includes(asked) && (withReport.includes(asked) || !withReport.length)
        ? asked
        : withReport[withReport.length - 1] || years[years.length - 1];
    showHead(agency);
    touming.showFilters("filters", [
      touming.choice(
        "year",
        t("filter.year"),
        years.map((one) => [one, one]),
        year,
        (value) => {
          setState({ year: value });
          touming.again();
        },
      ),
    ]);
    showSeries(agency);
    touming.showApplicants(agency);
    touming.showFlow(agency, year);
    showPrinted(agency, year);
    showReports(agency);
    await showPeers(agency, year);
  }

  touming.page(["region_names", "forms"], render);
})();
