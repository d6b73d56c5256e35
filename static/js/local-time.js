// Turns <time data-local> into the reader's own zone; the title keeps UTC, which is also what stands there without script.
(() => {
  const moment = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });
  const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
  const localise = (root) => {
    for (const time of root.querySelectorAll("time[data-local]")) {
      time.textContent = (time.dataset.local === "clock" ? clock : moment).format(new Date(time.dateTime));
      time.removeAttribute("data-local");
    }
  };
  if (Intl.DateTimeFormat().resolvedOptions().timeZone === "UTC") return;
  localise(document);
  document.addEventListener("htmx:load", (event) => localise(event.target));
})();
