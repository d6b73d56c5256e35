// Places a popover below the figure that opened it, inside the window. The browser does the rest: Escape, focus, one at a time.
(() => {
  const gap = 8;
  let opener = null;
  document.addEventListener("click", (event) => { opener = event.target.closest("[popovertarget]"); }, true);
  document.addEventListener("beforetoggle", (event) => {
    const popover = event.target;
    if (event.newState !== "open" || !popover.classList.contains("provenance") || !opener) return;
    const figure = opener.getBoundingClientRect();
    requestAnimationFrame(() => {
      const { width, height } = popover.getBoundingClientRect();
      const below = figure.bottom + gap + height <= innerHeight || figure.top < height + gap;
      popover.style.position = "fixed";
      popover.style.left = `${Math.max(16, Math.min(figure.left, innerWidth - width - 16))}px`;
      popover.style.top = `${below ? figure.bottom + gap : figure.top - height - gap}px`;
    });
  }, true);
})();
