// 总览: five numbers, series, composition, regions; every sum is a row of region_level_year.
"use strict";
(function () {
  const { NATION, t, word, count, percent, el, fill, state, change, link, rowsOf } = touming;
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
    touming.showFilters("filters", [
      touming.regionChoice(chosen.region, (region) => change({ region })),
      touming.levelChoice(chosen.level, (level) => change({ level })),
      touming.wordChoice("scope", "scope", chosen.scopes, chosen.scope, (scope) => change({ scope })),
      touming.yearChoice(years, chosen.year, (year) => change({ year })),
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
        percent(touming.rate(own)),
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
    touming.showSeries(chosen, own);
    touming.showOutcomes(own);
    touming.showRegions(chosen, touming.regionsBelow(chosen, kept), years);
    document.body.dataset.filterMs = (performance.now() - begun).toFixed(1);
  }

  touming.page(["region_names"], render);
})();
