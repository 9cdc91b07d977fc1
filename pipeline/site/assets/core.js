// What every page shares: loading data scripts, the two languages, the address, numbers, elements, CSV.
"use strict";
(function () {
  const received = new Map();
  const waiting = new Map();
  const renderers = [];

  function receive(key, value) {
    received.set(key, value);
  }

  // A script that is not there gives null: which lists exist depends on the data
  function load(key) {
    if (received.has(key)) return Promise.resolve(received.get(key));
    if (!waiting.has(key)) {
      waiting.set(
        key,
        loadScript(`data/${key}.js`).then(
          () => received.get(key),
          () => {
            received.set(key, null);
            return null;
          },
        ),
      );
    }
    return waiting.get(key);
  }

  function loadScript(address) {
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = address;
      script.onload = resolve;
      script.onerror = () => reject(new Error(address));
      document.head.append(script);
    });
  }

  const scriptName = (part) => String(part).replace(/[^0-9A-Za-z_-]/g, "_");

  // --- languages ---------------------------------------------------------------------------------------------------
  const language = () => (document.documentElement.lang === "en" ? "en" : "zh");
  const pick = (pair) => (language() === "en" ? pair[1] : pair[0]);

  function t(key, named = {}) {
    const pair = received.get("labels").texts[key];
    if (!pair) throw new Error(`no text ${key}`);
    return Object.entries(named).reduce((text, [name, value]) => text.replaceAll(`{${name}}`, value), pick(pair));
  }

  // A code without a word of its own is shown as it is
  function word(vocabulary, code) {
    const pair = received.get("labels").codes[vocabulary][code === null || code === undefined ? "unknown" : code];
    return pair ? pick(pair) : code || "";
  }

  function remember(chosen) {
    try {
      localStorage.setItem("touming-language", chosen);
    } catch {
      /* no storage: the choice lasts for this page */
    }
  }

  function setLanguage(chosen) {
    document.documentElement.lang = chosen === "en" ? "en" : "zh-CN";
    remember(chosen);
    renderers.forEach((render) => render());
  }

  // --- the address -------------------------------------------------------------------------------------------------
  const state = () => Object.fromEntries(new URLSearchParams(location.hash.slice(1)));

  function setState(changes) {
    const next = { ...state(), ...changes };
    const kept = Object.entries(next).filter(([, value]) => value !== "" && value !== null && value !== undefined);
    history.replaceState(null, "", `#${new URLSearchParams(kept)}`);
  }

  const link = (page, values) => {
    const kept = Object.entries(values).filter(([, value]) => value !== null && value !== undefined && value !== "");
    return `${page}.html#${new URLSearchParams(kept)}`;
  };

  // --- numbers -----------------------------------------------------------------------------------------------------
  const whole = new Intl.NumberFormat("en-US");
  // Long numbers arrive as text, so that no digit is lost
  function count(value) {
    if (value === null || value === undefined || value === "") return "—";
    if (typeof value === "number") return whole.format(value);
    return /^-?\d+$/.test(value) ? whole.format(BigInt(value)) : value;
  }
  const percent = (value, digits = 1) =>
    value === null || value === undefined ? "—" : `${(100 * value).toFixed(digits)}%`;

  // --- tables as they arrive ---------------------------------------------------------------------------------------
  const unpacked = new WeakMap();
  function rowsOf(table) {
    if (!table) return [];
    if (!unpacked.has(table)) {
      unpacked.set(
        table,
        table.rows.map((row) => {
          const record = {};
          table.columns.forEach((name, place) => {
            record[name] = row[place];
          });
          return record;
        }),
      );
    }
    return unpacked.get(table);
  }

  // --- elements: text only ever becomes text ------------------------------------------------------------------------
  function el(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value === null || value === undefined || value === false) continue;
      if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
      else made.setAttribute(name, value === true ? "" : value);
    }
    made.append(...children.flat().filter((child) => child !== null && child !== undefined));
    return made;
  }
  const place = (id) => document.getElementById(id);
  const fill = (target, ...children) =>
    (typeof target === "string" ? place(target) : target).replaceChildren(
      ...children.flat().filter((child) => child !== null && child !== undefined),
    );

  // --- CSV ---------------------------------------------------------------------------------------------------------
  function csvField(value) {
    if (value === null || value === undefined) return "";
    let text = Array.isArray(value) ? value.join("; ") : String(value);
    // A spreadsheet would take such text for a formula
    if (typeof value === "string" && /^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text))) text = `'${text}`;
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  }

  function toCsv(columns, rows) {
    const lines = [
      columns.map((column) => csvField(column.key)),
      ...rows.map((row) => columns.map((column) => csvField(column.csv ? column.csv(row) : row[column.key]))),
    ];
    return `\ufeff${lines.map((line) => line.join(",")).join("\r\n")}\r\n`;
  }

  function saveFile(name, text) {
    const address = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
    const anchor = el("a", { href: address, download: name });
    document.body.append(anchor);
    anchor.click();
    anchor.remove();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  }

  // columns: {key, label, number, show(row) -> text or element, csv(row)}; the CSV has every row, the page some
  function showTable(columns, rows, { file, limit = 100, caption = null } = {}) {
    const body = el("tbody");
    const more = el("button", { type: "button", class: "quiet" });
    let shown = 0;
    function add(number) {
      const next = rows.slice(shown, shown + number);
      body.append(
        ...next.map((row) =>
          el(
            "tr",
            {},
            columns.map((column) => {
              const value = column.show ? column.show(row) : row[column.key];
              const text = value === null || value === undefined || value === "" ? "—" : value;
              return el(
                "td",
                { class: column.number ? "number" : column.wide ? "wide" : null },
                column.number && typeof text === "number" ? count(text) : text,
              );
            }),
          ),
        ),
      );
      shown += next.length;
      more.hidden = shown >= rows.length;
      more.textContent = t("show.more", { n: count(Math.min(500, rows.length - shown)) });
    }
    more.addEventListener("click", () => add(500));
    add(limit);
    return el(
      "div",
      { class: "table-block" },
      el(
        "div",
        { class: "table-head" },
        el("span", { class: "soft" }, caption || t("show.rows", { n: count(rows.length) })),
        el(
          "button",
          {
            type: "button",
            class: "quiet csv",
            "data-file": file,
            onclick: () => saveFile(`${file}.csv`, toCsv(columns, rows)),
          },
          t("show.csv"),
        ),
      ),
      rows.length
        ? el(
            "div",
            { class: "scroll", tabindex: "0" },
            el(
              "table",
              {},
              el(
                "thead",
                {},
                el(
                  "tr",
                  {},
                  columns.map((column) =>
                    el("th", { scope: "col", class: column.number ? "number" : null }, column.label),
                  ),
                ),
              ),
              body,
            ),
          )
        : el("p", { class: "soft" }, t("show.none")),
      rows.length > shown ? more : null,
    );
  }

  // render() runs once the keys are there, and again when the language or the address changes
  function page(keys, render) {
    let running = Promise.resolve();
    const again = () => {
      running = running
        .then(render)
        .catch((error) => {
          console.error(error);
          document.body.dataset.failed = String(error);
        })
        .then(() => {
          document.body.dataset.ready = String(Number(document.body.dataset.ready || 0) + 1);
        });
      return running;
    };
    touming.again = again;
    Promise.all(["labels", "index", ...keys].map(load)).then((loaded) => {
      const absent = ["labels", "index", ...keys].find((_, number) => !loaded[number]);
      if (absent) {
        // The words may be what is missing
        if (received.get("labels"))
          place("main").prepend(el("p", { class: "card" }, t("error.script_missing", { key: absent })));
        throw new Error(`data/${absent}.js`);
      }
      renderers.push(again);
      addEventListener("hashchange", again);
      return again();
    });
  }

  document.addEventListener("DOMContentLoaded", () => {
    place("language").addEventListener("click", () => setLanguage(language() === "en" ? "zh" : "en"));
  });

  window.touming = {
    receive,
    load,
    loadScript,
    scriptName,
    language,
    pick,
    t,
    word,
    setLanguage,
    state,
    setState,
    link,
    count,
    percent,
    rowsOf,
    el,
    place,
    fill,
    showTable,
    toCsv,
    page,
    data: (key) => received.get(key),
  };
})();
