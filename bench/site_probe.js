// When a page of the site has shown what it shows, as the page itself sees it: put into every page before its own scripts.
"use strict";
(() => {
  const canvases = () => [...document.querySelectorAll(".canvas")].filter((one) => one.offsetParent);
  const isInSight = (canvas) => canvas.getBoundingClientRect().top < innerHeight;
  const isDrawn = (canvas) => Boolean(canvas.dataset.drawn);
  const ready = () => document.body && document.body.dataset.ready;
  // What is in the document by now has been painted two frames later
  const painted = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));

  // Milliseconds after `begun` at which a condition held and its frame was painted
  function reach(begun, holds) {
    return new Promise((resolve) => {
      const look = () => {
        if (!holds()) return false;
        observer.disconnect();
        painted().then(() => resolve(performance.now() - begun));
        return true;
      };
      const observer = new MutationObserver(look);
      if (!look()) observer.observe(document, { attributes: true, childList: true, subtree: true });
    });
  }

  // page: numbers and tables; sight: charts in sight as well; all: every chart
  async function settle(begun, before) {
    const isNew = () => ready() && ready() !== before;
    const [page, sight, all] = await Promise.all([
      reach(begun, isNew),
      reach(begun, () => isNew() && canvases().filter(isInSight).every(isDrawn)),
      reach(begun, () => isNew() && canvases().every(isDrawn)),
    ]);
    return { page, sight, all };
  }

  // The browser tells of a paint some time after it, and of the load event once its listeners are done
  const paint = new Promise((resolve) =>
    new PerformanceObserver((list) =>
      list.getEntriesByName("first-contentful-paint").forEach((entry) => resolve(entry.startTime)),
    ).observe({ type: "paint", buffered: true }),
  );
  const load = new Promise((resolve) => addEventListener("load", () => setTimeout(resolve))).then(
    () => performance.getEntriesByType("navigation")[0].loadEventEnd,
  );

  window.probe = {
    opened: Promise.all([settle(0, undefined), paint, load]).then(([times, painting, loading]) => ({
      ...times,
      paint: painting,
      load: loading,
    })),
    // Puts the keyboard on one of the page's lists and waits for the key that chooses from it
    await_choice(list) {
      list.focus();
      const before = ready();
      window.probe.chosen = new Promise((resolve) =>
        document.addEventListener("keydown", (event) => resolve(settle(event.timeStamp, before)), {
          capture: true,
          once: true,
        }),
      );
    },
  };
})();
