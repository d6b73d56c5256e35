// A file's lines with its source, which this browser fetches from GitHub; and n, to the next missed line.
"use strict";

(() => {
  const LONGEST = 2_000_000; // characters; longer is generated, and nobody reads it line by line
  const REMEMBERED = "source";
  const tools = document.querySelector("[data-source-tools]");
  const table = document.querySelector("[data-lines]");
  if (!tools || !table) return;
  // A long file stands on several pages; this one has these lines of it, the last one all to the end.
  const first = Number(table.dataset.first);
  const last = Number(table.dataset.last ?? Infinity);
  const status = tools.querySelector("[role=status]");
  const body = table.tBodies[0];

  const cell = (content) => {
    const made = document.createElement("td");
    made.setAttribute("role", "cell");
    made.append(content);
    return made;
  };

  // Lines that no report names get a row of their own; the others keep theirs, the word after the text.
  const rowOf = (known, number, text) => {
    const source = document.createElement("code");
    source.textContent = text;
    if (known) {
      const word = document.createElement("span");
      word.className = "line-word";
      word.append(...known.cells[2].childNodes);
      known.cells[2].replaceChildren(source, word);
      return known;
    }
    const row = document.createElement("tr");
    row.setAttribute("role", "row");
    row.className = "line-none";
    row.append(cell(""), cell(String(number)), cell(source));
    return row;
  };

  const show = (text) => {
    const rows = new Map([...body.rows].map((row) => [Number(row.dataset.line), row]));
    const lines = text.replace(/\r?\n$/, "").split(/\r\n|\n|\r/);
    const beyond = [...rows.keys()].filter((number) => number > lines.length);
    const shown = lines.slice(first - 1, last);
    body.replaceChildren(...shown.map((line, at) => rowOf(rows.get(first + at), first + at, line)));
    body.append(...beyond.map((number) => rows.get(number)));
    table.classList.add("with-source");
    drawMap(shown.length);
    status.textContent = beyond.length ? "The report names lines that this source does not have: it may be of another version." : "";
  };

  // The whole file at a glance, one stroke for each line that counts.
  const drawMap = (height) => {
    const map = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    map.setAttribute("class", "line-map");
    map.setAttribute("viewBox", `0 0 10 ${height}`);
    map.setAttribute("preserveAspectRatio", "none");
    map.setAttribute("aria-hidden", "true");
    for (const row of body.querySelectorAll("tr[data-line]")) {
      const mark = document.createElementNS(map.namespaceURI, "rect");
      mark.setAttribute("class", row.className);
      mark.setAttribute("y", String(Number(row.dataset.line) - first));
      mark.setAttribute("width", "10");
      mark.setAttribute("height", "1");
      map.append(mark);
    }
    map.addEventListener("click", (event) => {
      const box = map.getBoundingClientRect();
      const at = Math.floor(((event.clientY - box.top) / box.height) * body.rows.length);
      body.rows[Math.min(at, body.rows.length - 1)].scrollIntoView({ block: "center" });
    });
    table.before(map);
  };

  const fetchSource = async () => {
    const button = tools.querySelector("[data-show-source]");
    button.disabled = true;
    status.textContent = "Fetching from GitHub…";
    try {
      const answer = await fetch(tools.dataset.source, { credentials: "omit", referrerPolicy: "no-referrer" });
      if (answer.status === 404) throw new Error("GitHub has no such file at this commit, or the repository is private.");
      if (!answer.ok) throw new Error(`GitHub answered ${answer.status}; try again later.`);
      const text = await answer.text();
      if (text.length > LONGEST) throw new Error("The file is too long to be shown here.");
      show(text);
      button.remove();
      localStorage.setItem(REMEMBERED, "shown");
    } catch (error) {
      button.disabled = false;
      status.textContent = error instanceof TypeError ? "GitHub could not be reached from this browser." : error.message;
    }
  };

  let at = null;
  const nextMissed = () => {
    const missed = [...body.querySelectorAll(".line-missed")].filter((row) => !row.previousElementSibling?.matches(".line-missed"));
    if (!missed.length) return;
    const next = missed[(missed.indexOf(at) + 1) % missed.length];
    at?.removeAttribute("data-at");
    next.setAttribute("data-at", "");
    next.scrollIntoView({ block: "center" });
    at = next;
    status.textContent = `Line ${next.dataset.line}, missed.`;
  };

  tools.querySelector("[data-show-source]")?.addEventListener("click", fetchSource);
  tools.querySelector("[data-next-missed]")?.addEventListener("click", nextMissed);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "n" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select") || document.querySelector("dialog[open]")) return;
    nextMissed();
  });
  if (tools.dataset.source && localStorage.getItem(REMEMBERED)) fetchSource();
})();
