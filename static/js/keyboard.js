// Keys: / searches, j and k walk the rows marked data-row, Enter opens one, ? explains. g and a letter follow the link of
// this page that says so: <a href="/ingest/" data-go="i">.
(() => {
  let afterG = false;

  const rows = () => [...document.querySelectorAll("[data-row]")].filter((row) => row.offsetParent !== null);
  const walk = (step) => {
    const all = rows();
    if (!all.length) return;
    const at = all.findIndex((row) => row.hasAttribute("data-at"));
    const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + step));
    all[at]?.removeAttribute("data-at");
    all[next].setAttribute("data-at", "");
    all[next].scrollIntoView({ block: "nearest" });
    all[next].querySelector("a[href]")?.focus({ preventScroll: true });
  };
  const explain = () => document.getElementById("keys")?.showModal();
  const search = () => {
    const field = document.querySelector("[data-search]");
    field?.focus();
    field?.select();
  };
  const actions = {
    "/": search,
    "?": explain,
    j: () => walk(1),
    k: () => walk(-1),
    g: () => { afterG = true; setTimeout(() => { afterG = false; }, 1200); },
    t: () => document.documentElement.dispatchEvent(new CustomEvent("toggletheme")),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const way = afterG && /^[a-z]$/.test(event.key) && document.querySelector(`a[data-go="${event.key}"]`);
    afterG = false;
    if (way) {
      location.href = way.href;
      return;
    }
    if (!actions[event.key]) return;
    event.preventDefault();
    actions[event.key]();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-keys]")) explain();
  });
})();
