// Some of Django's fields do not say what they are for: the search, labelled by a picture; the field that completes as
// one types, which takes the words of its own label here as soon as it is made; dates and times, which stand beside
// theirs; the signs of help; the heads of columns without words.
(() => {
  const wordsOf = (label) => label?.textContent.trim().replace(/:$/, "");
  const name = () => {
    for (const box of document.querySelectorAll(".select2-selection:not([aria-label])")) {
      const field = box.closest(".select2").previousElementSibling;
      const words = wordsOf(document.querySelector(`label[for="${field?.id}"]`));
      if (!words) continue;
      box.setAttribute("aria-label", words);
      box.querySelector(".select2-selection__rendered")?.setAttribute("aria-label", words);
    }
    for (const sign of document.querySelectorAll(".help-tooltip[aria-label]:not([role])")) sign.setAttribute("role", "img");
  };
  document.getElementById("searchbar")?.setAttribute("aria-label", "Search");
  for (const field of document.querySelectorAll(".vDateField, .vTimeField")) {
    const words = wordsOf(field.closest(".form-row")?.querySelector("label, legend"));
    if (!field.labels.length && words) field.ariaLabel = `${words}, ${field.matches(".vDateField") ? "date" : "time"}`;
  }
  for (const head of document.querySelectorAll("thead th:empty")) {
    const words = document.createElement("span");
    words.className = "visually-hidden";
    words.textContent = head.matches(".original") ? "Name" : "Delete";
    head.append(words);
  }
  name();
  new MutationObserver(name).observe(document.body, { childList: true, subtree: true });
})();
