// A still picture of each trend stands in the page; plotly.js, a megabyte, is fetched once a reader turns to one: with
// a pointer, a finger, or the focus. It then draws over the picture, on the same axes, and adds hovering and zooming.
//
//   <figure data-chart data-chart-link="/r/o/n/commits/SHA/" tabindex="0">
//     <svg class="still">…</svg>
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
      script.onerror = () => {
        loading = null; // whoever turns to a chart again asks again
        reject(new Error(`${bundle} could not be loaded`));
      };
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

  const canvasOf = (figure) => figure.querySelector(".chart-canvas");

  async function draw(figure) {
    const library = await plotly();
    const source = JSON.parse(figure.querySelector('script[type="application/json"]').textContent);
    const { data, layout } = inked(source, getComputedStyle(document.body));
    let canvas = canvasOf(figure);
    const first = !canvas;
    if (first) {
      canvas = document.createElement("div");
      canvas.className = "chart-canvas";
      canvas.setAttribute("aria-hidden", "true"); // the picture below says what it is
      figure.append(canvas);
    }
    const drawing = library.react(canvas, data, layout, config);
    if (first) {
      // Before it is drawn: who is quick drags on it by then.
      canvas.on("plotly_relayout", (change) => zoomed(library, canvas, change, source.layout));
      if (figure.dataset.chartLink) followClicks(figure, canvas);
    }
    await drawing;
    figure.classList.remove("is-missing");
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
  function zoomed(library, canvas, change, { xaxis, meta: { days } }) {
    const [low, high] = change["xaxis.range"] ?? [change["xaxis.range[0]"], change["xaxis.range[1]"]];
    if (low === undefined) return;
    const address = new URL(location.href);
    const whole = low === xaxis.range[0] && high === xaxis.range[1];
    if (whole) {
      address.searchParams.delete("from");
      address.searchParams.delete("to");
    } else {
      const day = (at, round) =>
        typeof at === "string" ? at.slice(0, 10) : days[Math.min(Math.max(round(at), 0), days.length - 1)];
      address.searchParams.set("from", day(low, Math.ceil));
      address.searchParams.set("to", day(high, Math.floor));
      address.searchParams.delete("days");
    }
    history.replaceState(null, "", address);
    // Days are written anew for what is left of them.
    if (xaxis.type === "date") library.relayout(canvas, { "xaxis.tickmode": whole ? "array" : "auto" });
  }

  const begun = new Map();
  let pointer = null;

  // Begins a figure's drawing, once; whether it came to be.
  function wake(figure) {
    if (!begun.has(figure)) begun.set(figure, drawFirst(figure));
    return begun.get(figure);
  }

  async function drawFirst(figure) {
    try {
      await draw(figure);
      hoverAtPointer(figure);
      return true;
    } catch {
      begun.delete(figure);
      figure.classList.add("is-missing");
      return false;
    }
  }

  // A pointer that rests on the figure by then is answered without being moved again.
  function hoverAtPointer(figure) {
    const there = pointer && document.elementFromPoint(pointer.clientX, pointer.clientY);
    if (!figure.contains(there)) return;
    const { clientX, clientY } = pointer;
    there.dispatchEvent(new MouseEvent("mousemove", { clientX, clientY, bubbles: true }));
  }

  const figureOf = (event) => event.target.closest?.("[data-chart]");
  for (const kind of ["pointerover", "pointermove", "focusin"]) {
    // On the document, since htmx puts new figures in.
    document.addEventListener(kind, (event) => {
      if (kind !== "focusin") pointer = event;
      const figure = figureOf(event);
      if (figure) wake(figure);
    });
  }

  // Left and right walk along the points as a pointer would; Enter opens the commit.
  const reached = new WeakMap();
  document.addEventListener("keydown", async (event) => {
    const figure = figureOf(event);
    const step = { ArrowLeft: -1, ArrowRight: 1, Enter: 0 }[event.key];
    if (!figure || step === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    if (!(await wake(figure))) return;
    const canvas = canvasOf(figure);
    const { x, customdata } = canvas.data.at(-1);
    const place = Math.min(Math.max((reached.get(figure) ?? (step > 0 ? -1 : x.length)) + step, 0), x.length - 1);
    if (!step) return follow(figure, reached.has(figure) && customdata[place]);
    reached.set(figure, place);
    const points = canvas.data.map((_, curveNumber) => ({ curveNumber, pointNumber: place }));
    window.Plotly.Fx.hover(canvas, points, ["xy", "xy2"]);
  });

  const redraw = () => {
    for (const figure of begun.keys()) {
      if (figure.isConnected) draw(figure);
      else begun.delete(figure);
    }
  };
  new MutationObserver(redraw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  // Paper has tokens of its own.
  for (const medium of ["(prefers-color-scheme: dark)", "print"]) matchMedia(medium).addEventListener("change", redraw);

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-chart-png]");
    const figure = button && document.getElementById(button.dataset.chartPng);
    if (!figure || !(await wake(figure))) return;
    const filename = button.dataset.filename || "trend";
    window.Plotly.downloadImage(canvasOf(figure), { format: "png", scale: 2, filename });
  });
})();
