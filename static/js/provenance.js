// Opens where a figure comes from beside the figure: <a data-provenance href="…/commits/<sha>/?figure=tests">.
// Without this script, or where the answer fails, the link leads to the page with the same facts.
"use strict";

(() => {
  const GAP = 8;

  function panel() {
    let found = document.getElementById("provenance");
    if (!found) {
      found = document.createElement("div");
      found.id = "provenance";
      found.className = "provenance";
      found.popover = "auto";
      found.setAttribute("role", "dialog");
      found.setAttribute("aria-label", "Where this figure comes from");
      document.body.append(found);
    }
    return found;
  }

  function place(box, figure) {
    const at = figure.getBoundingClientRect();
    const left = Math.min(at.left, document.documentElement.clientWidth - box.offsetWidth - 16);
    const below = at.bottom + GAP + box.offsetHeight < innerHeight || at.top < box.offsetHeight + GAP;
    box.style.left = `${Math.max(16, left)}px`;
    box.style.top = `${below ? at.bottom + GAP : at.top - GAP - box.offsetHeight}px`;
  }

  document.addEventListener("click", async (event) => {
    const figure = event.target.closest("a[data-provenance]");
    if (!figure || event.ctrlKey || event.metaKey || event.shiftKey || !HTMLElement.prototype.showPopover) return;
    event.preventDefault();
    try {
      const answer = await fetch(figure.href, { headers: { "HX-Request": "true" } });
      if (!answer.ok) throw new Error(answer.status);
      const box = panel();
      // Our own template, escaped by the server.
      box.innerHTML = await answer.text();
      figure.focus();
      box.showPopover();
      place(box, figure);
    } catch {
      location.assign(figure.href);
    }
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    navigator.clipboard.writeText(new URL(button.dataset.copy, location.href).href).then(() => {
      button.textContent = "Copied";
    });
  });
})();
