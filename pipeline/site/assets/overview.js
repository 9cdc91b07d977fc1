// 总览: five numbers, series, composition, regions; every sum is a row of region_level_year.
"use strict";
(function () {
  const { NATION, t, word, count, percent, el, fill, state, change, link, rowsOf } = touming;
  const KEPT = new Map();

  async function sums(region) {
    const key = `region/${touming.provinceOf(region)}`;
    if (!KEPT.has(key)) KEPT.set(key, group(await touming.load(key)));
    return KEPT.get(key);
  }

  // Rows of a province's script by region, level and scope, each list by year. A province has thousands and a view needs
  // a few of them, so rows become records when they are asked for.
  function group(table) {
    const packed = new Map();
    const scopes = new Set();
    if (table) {
      const [region, level, scope] = ["region_code", "division_level", "scope_code"].map((name) =>
        table.columns.indexOf(name),
      );
      table.rows.forEach((row) => {
        const name = `${row[region]}|${row[level]}|${row[scope]}`;
        if (!packed.has(name)) packed.set(name, []);
        packed.get(name).push(row);
        scopes.add(row[scope]);
      });
    }
    const unpacked = new Map();
    const rows = (region, level, scope) => {
      const name = `${region}|${level}|${scope}`;
      if (!packed.has(name)) return [];
      if (!unpacked.has(name)) unpacked.set(name, rowsOf({ columns: table.columns, rows: packed.get(name) }));
      return unpacked.get(name);
    };
    return { rows, scopes: [...scopes].filter((scope) => scope !== "all") };
  }

  function choose(kept, years) {
    const chosen = { region: NATION, level: "all", ...state() };
    const total = (scope) =>
      kept.rows(chosen.region, chosen.level, scope).reduce((sum, row) => sum + row.report_count, 0);
    const scopes = [...kept.scopes].sort((one, other) => total(other) - total(one));
    if (!scopes.includes(chosen.scope)) chosen.scope = scopes[0] || "unknown";
    const all = kept.rows(chosen.region, chosen.level, "all");
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
    const chosen = choose(kept, years);
    showFilters(chosen, years);
    const rows = (scope) => kept.rows(chosen.region, chosen.level, scope);
    const own = rows(chosen.scope);
    showNumbers(
      chosen,
      rows("all").find((row) => row.report_year === chosen.year),
      own.find((row) => row.report_year === chosen.year),
    );
    touming.showSeries(chosen, own);
    touming.showOutcomes(own);
    touming.showRegions(chosen, touming.regionsBelow(chosen, kept), years);
  }

  touming.page(["region_names"], render);
})();
