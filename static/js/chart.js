// Draws every <figure data-chart> with plotly.js, fetched once a figure comes near the window.
//
//   <figure data-chart data-chart-link="/r/o/n/commits/SHA/">
//     <script type="application/json">{"data": […], "layout": {…}}</script>
//   </figure>
//
// Colours in the JSON are names of tokens ("var:cover"); they are read when drawing and again when the theme changes.
// This script's own tag names the bundle: <script src="chart.js" data-plotly="plotly-basic.min.js" defer>.
"use strict";

(() => {
  const bundle = document.currentScript.dataset.plotly;
  const config = { displayModeBar: false, responsive: true, doubleClick: "reset" };
  let loading = null;

  function plotly() {
    loading ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = bundle;
      script.onload = () => resolve(window.Plotly);
      script.onerror = reject;
      document.head.append(script);
    });
    return loading;
  }

  // The figure with every "var:name" replaced by what the token says in the present theme.
  function inked(value, style) {
    if (typeof value === "string" && value.startsWith("var:")) {
      const name = value.slice(4);
      return name === "font" ? style.fontFamily : style.getPropertyValue(`--${name}`).trim();
    }
    if (Array.isArray(value)) return value.map((item) => inked(item, style));
    if (value && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inked(item, style)]));
    }
    return value;
  }

  async function draw(figure) {
    const library = await plotly();
    const source = JSON.parse(figure.querySelector('script[type="application/json"]').textContent);
    const { data, layout } = inked(source, getComputedStyle(document.body));
    let canvas = figure.querySelector(".chart-canvas");
    const first = !canvas;
    if (first) {
      canvas = document.createElement("div");
      canvas.className = "chart-canvas";
      figure.append(canvas);
    }
    const drawing = library.react(canvas, data, layout, config);
    if (first) {
      // Before it is drawn: who is quick drags on it by then.
      canvas.on("plotly_relayout", (change) => rememberSpan(change, layout.meta?.days));
      if (figure.dataset.chartLink) followClicks(figure, canvas);
    }
    await drawing;
    figure.classList.add("is-drawn");
  }

  // One click opens a commit, two show the whole trend again: the first waits for a second.
  function followClicks(figure, canvas) {
    const again = 300; // milliseconds, plotly's own doubleClickDelay
    let opens = 0;
    let reset = -again;
    canvas.on("plotly_click", (event) => {
      clearTimeout(opens);
      if (event.event.timeStamp - reset < again) return;
      opens = setTimeout(follow, again, figure, event.points[0]?.customdata);
    });
    canvas.on("plotly_doubleclick", () => {
      clearTimeout(opens);
      reset = performance.now();
    });
  }

  function follow(figure, sha) {
    if (sha) location.assign(figure.dataset.chartLink.replace("SHA", sha));
  }

  // What is zoomed to stands in the address, so that it can be sent to someone.
  function rememberSpan(change, days) {
    const address = new URL(location.href);
    const [low, high] = change["xaxis.range"] ?? [change["xaxis.range[0]"], change["xaxis.range[1]"]];
    if (change["xaxis.autorange"]) {
      address.searchParams.delete("from");
      address.searchParams.delete("to");
    } else if (low !== undefined) {
      const day = (at, round) =>
        typeof at === "string" ? at.slice(0, 10) : days[Math.min(Math.max(round(at), 0), days.length - 1)];
      address.searchParams.set("from", day(low, Math.ceil));
      address.searchParams.set("to", day(high, Math.floor));
      address.searchParams.delete("days");
    } else {
      return;
    }
    history.replaceState(null, "", address);
  }

  const drawn = new Set();
  const near = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting || drawn.has(target)) continue;
        near.unobserve(target);
        drawn.add(target);
        // Without the bundle the table of the same points is still there.
        draw(target).catch(() => target.classList.add("is-missing"));
      }
    },
    { rootMargin: "200px" },
  );
  const watch = (part) => part.querySelectorAll("[data-chart]").forEach((figure) => near.observe(figure));
  watch(document);
  // What htmx puts in is a new figure.
  document.addEventListener("htmx:load", (event) => watch(event.detail.elt));

  const redraw = () => drawn.forEach((figure) => draw(figure));
  new MutationObserver(redraw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  // Paper has tokens of its own.
  for (const medium of ["(prefers-color-scheme: dark)", "print"]) matchMedia(medium).addEventListener("change", redraw);

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-chart-png]");
    const canvas = button && document.getElementById(button.dataset.chartPng)?.querySelector(".chart-canvas");
    if (canvas) {
      const name = button.dataset.filename || "trend";
      (await plotly()).downloadImage(canvas, { format: "png", scale: 2, filename: name });
    }
  });
})();
