// 机关与数字: every agency of a place and year, by name if one is given.
"use strict";
(function () {
  const { NATION, t, state, change, fill, el, data } = touming;

  async function render() {
    const { years, areas, report_years: reportYears } = data("index");
    const chosen = { region: NATION, level: "all", status: "", name: "", scope: "", ...state() };
    if (!years.includes(Number(chosen.year)))
      chosen.year = reportYears[reportYears.length - 1] || years[years.length - 1];
    touming.showFilters("filters", [
      touming.regionChoice(chosen.region === "none" ? NATION : chosen.region, (region) => change({ region })),
      touming.levelChoice(chosen.level, (level) => change({ level })),
      touming.yearChoice(years, chosen.year, (year) => change({ year })),
      touming.wordChoice(
        "status",
        "status",
        Object.keys(data("labels").codes.status),
        chosen.status,
        (status) => change({ status }),
        ["", t("filter.all")],
      ),
      touming.wordChoice(
        "scope",
        "scope",
        Object.keys(data("labels").codes.scope).filter((scope) => scope !== "all"),
        chosen.scope,
        (scope) => change({ scope }),
        ["", t("filter.all")],
      ),
      touming.nameField("name", chosen.name, (name) => change({ name })),
    ]);
    let from = touming.areasOf(chosen.region);
    const tooLarge = !from.length;
    // A name is worth looking for everywhere
    if (tooLarge) from = chosen.name ? areas : [touming.COUNTRY_ORGANS];
    const rows = await touming.loadYear(from, chosen.year);
    const kept = touming.keep(rows, chosen);
    fill(
      "list",
      tooLarge && !chosen.name ? el("p", { class: "note" }, t("list.choose_province")) : null,
      touming.showTable(touming.agencyColumns(), kept, { file: `agencies_${chosen.year}`, limit: 60 }),
    );
    document.body.dataset.rows = kept.length;
  }

  touming.page(["region_names", "forms"], render);
})();
