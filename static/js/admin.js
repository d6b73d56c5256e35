// Two of Django's fields do not say what they are for: the search, labelled by a picture, and the field that completes as
// one types, which takes the words of its own label here as soon as it is made.
(() => {
  const name = () => {
    for (const box of document.querySelectorAll(".select2-selection:not([aria-label])")) {
      const field = box.closest(".select2").previousElementSibling;
      const words = document.querySelector(`label[for="${field?.id}"]`)?.textContent.trim().replace(/:$/, "");
      if (!words) continue;
      box.setAttribute("aria-label", words);
      box.querySelector(".select2-selection__rendered")?.setAttribute("aria-label", words);
    }
  };
  document.getElementById("searchbar")?.setAttribute("aria-label", "Search");
  name();
  new MutationObserver(name).observe(document.body, { childList: true, subtree: true });
})();
