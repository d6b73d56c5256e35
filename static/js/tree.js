// Folders of a table that is a tree fold and unfold; without this script everything stands open.
(() => {
  for (const table of document.querySelectorAll("[data-tree]")) {
    const rows = [...table.tBodies[0].rows];
    const depth = (row) => Number(row.dataset.depth);
    const below = (row) => {
      const rest = rows.slice(rows.indexOf(row) + 1);
      const end = rest.findIndex((other) => depth(other) <= depth(row));
      return end < 0 ? rest : rest.slice(0, end);
    };
    // A row is seen when every folder above it is open.
    const draw = () => {
      let shut = Infinity;
      for (const row of rows) {
        if (depth(row) <= shut) shut = Infinity;
        row.hidden = depth(row) > shut;
        if (row.dataset.shut !== undefined && shut === Infinity) shut = depth(row);
      }
    };
    for (const row of rows.filter((one) => one.dataset.open !== undefined && below(one).length)) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "fold";
      button.setAttribute("aria-expanded", "true");
      button.setAttribute("aria-label", `Contents of ${row.cells[0].textContent.trim()}`);
      button.addEventListener("click", () => {
        const open = row.dataset.shut !== undefined;
        if (open) delete row.dataset.shut;
        else row.dataset.shut = "";
        button.setAttribute("aria-expanded", String(open));
        draw();
      });
      row.cells[0].prepend(button);
    }
  }
})();
