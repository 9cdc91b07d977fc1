// 数据字典、示例查询: finding in a long page, and copying a question.
"use strict";
(function () {
  const { t } = touming;

  function search(text) {
    const wanted = text.trim().toLowerCase();
    document.querySelectorAll("[data-searched]").forEach((part) => {
      let found = 0;
      part.querySelectorAll("[data-line]").forEach((line) => {
        line.hidden =
          Boolean(wanted) &&
          !line.textContent.toLowerCase().includes(wanted) &&
          !part.dataset.searched.toLowerCase().includes(wanted);
        if (!line.hidden) found += 1;
      });
      part.hidden = !found;
      if (wanted && part.tagName === "DETAILS") part.open = true;
    });
  }

  async function copy(button) {
    const text = document.getElementById(button.dataset.copies).textContent;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Pages opened from a folder may not use the clipboard: selected text can still be copied by hand
      const range = document.createRange();
      range.selectNodeContents(document.getElementById(button.dataset.copies));
      const selection = getSelection();
      selection.removeAllRanges();
      selection.addRange(range);
      document.execCommand("copy");
    }
    button.textContent = t("show.copied");
    setTimeout(() => {
      button.textContent = t("show.copy");
    }, 2000);
  }

  async function render() {
    document.querySelectorAll("[data-copies]").forEach((button) => {
      button.textContent = t("show.copy");
      button.onclick = () => copy(button);
    });
    const field = document.getElementById("search");
    if (field) {
      field.placeholder = t("dictionary.search");
      field.oninput = () => search(field.value);
    }
  }

  touming.page([], render);
})();
