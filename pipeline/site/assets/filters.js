// Choices that pages share: regions from province to county, and single lists of words.
"use strict";
(function () {
  const { el, t, word, data, rowsOf } = touming;
  const NATION = "000000";

  const regionName = (code) => {
    if (code === NATION) return t("filter.nation");
    if (code === null || code === "none") return t("filter.unplaced");
    const known = names().get(code);
    return known || code;
  };

  let named = null;
  function names() {
    if (!named) named = new Map(rowsOf(data("region_names")).map((row) => [row.region_code, row.region_name]));
    return named;
  }

  const provinceOf = (code) => (code === NATION ? NATION : `${code.slice(0, 2)}0000`);
  const parentOf = (code) => {
    if (code.endsWith("0000")) return NATION;
    return code.endsWith("00")
      ? `${code.slice(0, 2)}0000`
      : names().has(`${code.slice(0, 4)}00`)
        ? `${code.slice(0, 4)}00`
        : `${code.slice(0, 2)}0000`;
  };
  let below = null;
  function childrenOf(code) {
    if (!below) {
      below = new Map();
      [...names().keys()].sort().forEach((other) => {
        const parent = parentOf(other);
        if (parent === other) return;
        if (!below.has(parent)) below.set(parent, []);
        below.get(parent).push(other);
      });
    }
    return below.get(code) || [];
  }
  // What the codes of a region's divisions begin with
  const prefixOf = (code) =>
    code === NATION ? "" : code.endsWith("0000") ? code.slice(0, 2) : code.endsWith("00") ? code.slice(0, 4) : code;

  function choice(key, label, options, chosen, onchange) {
    const select = el(
      "select",
      { id: `filter-${key}`, onchange: (event) => onchange(event.target.value) },
      options.map(([value, text]) => el("option", { value, selected: String(value) === String(chosen) }, text)),
    );
    return el("label", { class: "filter" }, el("span", {}, label), select);
  }

  function regionChoice(chosen, onchange, deepest = 3) {
    const line = [];
    for (let code = chosen; code !== NATION; code = parentOf(code)) line.unshift(code);
    const labels = [t("filter.province"), t("filter.prefecture"), t("filter.county")];
    const made = [];
    for (let depth = 0, parent = NATION; depth < deepest; depth += 1) {
      const above = parent;
      const children = childrenOf(parent);
      if (!children.length) break;
      made.push(
        choice(
          `region-${depth}`,
          labels[depth],
          [["", depth ? t("filter.all") : t("filter.nation")], ...children.map((code) => [code, regionName(code)])],
          line[depth] || "",
          (value) => onchange(value || above),
        ),
      );
      if (!line[depth]) break;
      parent = line[depth];
    }
    return made;
  }

  const wordChoice = (key, vocabulary, codes, chosen, onchange, first = null) =>
    choice(
      key,
      t(`filter.${key}`),
      [...(first ? [first] : []), ...codes.map((code) => [code, word(vocabulary, code)])],
      chosen,
      onchange,
    );

  const yearChoice = (years, chosen, onchange) =>
    choice(
      "year",
      t("filter.year"),
      years.map((year) => [year, year]),
      chosen,
      onchange,
    );

  const levelChoice = (chosen, onchange) =>
    wordChoice("level", "level", Object.keys(data("labels").codes.level), chosen, onchange);

  // What was chosen goes into the address, and the page is drawn anew
  function change(changes) {
    touming.setState(changes);
    touming.again();
  }

  function nameField(key, chosen, onchange) {
    let timer = 0;
    const input = el("input", {
      id: `filter-${key}`,
      type: "search",
      value: chosen || "",
      placeholder: t("filter.name_hint"),
      oninput: (event) => {
        clearTimeout(timer);
        timer = setTimeout(() => onchange(event.target.value.trim()), 120);
      },
    });
    return el("label", { class: "filter" }, el("span", {}, t("filter.name")), input);
  }

  // Filters are rebuilt at every choice; whoever uses the keyboard stays where they were
  function showFilters(target, made) {
    const active = document.activeElement && document.activeElement.id;
    const selection =
      document.activeElement && document.activeElement.type === "search" ? document.activeElement.selectionStart : null;
    touming.fill(target, made.flat());
    const again = active && touming.place(active);
    if (again) {
      again.focus();
      if (selection !== null) again.setSelectionRange(selection, selection);
    }
  }

  Object.assign(touming, {
    NATION,
    regionName,
    provinceOf,
    parentOf,
    childrenOf,
    prefixOf,
    choice,
    regionChoice,
    wordChoice,
    yearChoice,
    levelChoice,
    change,
    nameField,
    showFilters,
  });
})();
