"""What axe finds wrong with a page: the rules of WCAG 2.2 AA and its best practices.

All rules are asked in a light, wide window. A narrow one moves things and a dark one has other colours, so there
only those rules are asked whose answer may change with that.
"""

from __future__ import annotations

from importlib.resources import files

from playwright.sync_api import Page

SCRIPT = files("axe_playwright_python").joinpath("axe.min.js").read_text()
WIDE, NARROW = 1440, 390
HEIGHT = 900
COLOURS = ["color-contrast", "link-in-text-block"]
PLACES = ["target-size", "scrollable-region-focusable", "page-has-heading-one", "landmark-one-main"]
# The standard lets a small target be where the same can be had by a larger one: a window of a night, 8 pixels wide,
# by the list of its repositories.
SMALL = ".lancet"
FIND = """async ([asked, small]) => {
  const rules = asked.length ? {runOnly: asked} : {rules: {"target-size": {enabled: true}}};
  const found = await axe.run(document, {resultTypes: ["violations"], iframes: false, preload: false, ...rules});
  const equal = node => document.querySelector(node.target[0])?.matches(small);
  return found.violations.flatMap(rule => rule.nodes.filter(
    node => rule.id !== "target-size" || !equal(node)).map(
    node => `${rule.id}: ${node.target.join(" ")}: ${node.any.concat(node.all, node.none)[0]?.message}`));
}"""


def findings(page: Page, address: str, widths: tuple[int, ...] = (WIDE, NARROW)) -> list[str]:
    """Everything that axe finds at that address, in both themes; a sentence for each."""
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.set_viewport_size({"width": widths[0], "height": HEIGHT})
    page.goto(address)
    page.evaluate(SCRIPT)
    found = []
    for width in widths:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            rules = COLOURS if theme == "dark" else COLOURS + PLACES if width != widths[0] else []
            found += [f"{address} {theme} {width}: {each}" for each in page.evaluate(FIND, [rules, SMALL])]
    if headless := page.locator("table:not(:has(th))").count():
        found.append(f"{address}: {headless} tables without a head")
    return found
