// Sliders beside the numbers of a shared result; each only types into its field.
"use strict";
(() => {
  const number = (field) => Number.parseFloat(field.value.replace(/[^\d.,-]/g, "").replace(",", "."));
  document.querySelectorAll("[data-slide]").forEach((slide) => {
    const field = document.getElementById(slide.dataset.slide);
    const follow = () => { const typed = number(field); if (Number.isFinite(typed)) slide.value = typed; };
    slide.hidden = false;
    follow();
    slide.addEventListener("input", (event) => {
      event.stopPropagation();
      field.value = slide.dataset.comma === undefined ? slide.value : slide.value.replace(".", ",");
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
    field.addEventListener("input", (event) => { if (event.isTrusted) follow(); });
  });
  let saying;  // the headline is said once typing rests
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.elt?.id !== "outcome") return;
    clearTimeout(saying);
    saying = setTimeout(() => { document.getElementById("announcement").textContent = document.getElementById("outcome").dataset.announce; }, 900);
  });
  document.querySelector("[data-reset-levers]")?.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || !window.htmx) return;
    event.preventDefault();
    document.querySelectorAll(".lever input[type=text]").forEach((field) => {
      field.value = field.placeholder;
      document.querySelector(`[data-slide="${field.id}"]`).value = number(field);
    });
    document.querySelector(".levers input[type=text]").dispatchEvent(new Event("input", { bubbles: true }));
  });
})();
