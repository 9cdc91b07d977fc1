// Runs before anything is drawn, so that no page flickers from one language to the other.
"use strict";
try {
  if (localStorage.getItem("touming-language") === "en") document.documentElement.lang = "en";
} catch {
  /* no storage: Chinese */
}
