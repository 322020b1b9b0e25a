// The switch of each field follows what is typed, and what is typed follows the switch.
"use strict";
(() => {
  const entry = (field) => field.querySelector(".entry input");
  const choice = (field, value) => field.querySelector(`.switch input[value="${value}"]`);
  const kept = new WeakMap(); // what stood in a field, range and all, before it gave way to the benchmark
  const texts = (field) => [...field.querySelectorAll("input[type=text]")];
  const own = (field, back) => [...field.querySelectorAll(".switch input")].filter((each) => each !== back).pop();
  const changed = (input) => input.dispatchEvent(new Event("input", { bubbles: true }));

  const empty = (field) => {
    kept.set(field, texts(field).map((input) => input.value));
    texts(field).forEach((input) => { input.value = ""; });
  };

  // Runs before htmx sees the event, so that what it sends is already right.
  document.addEventListener("input", (event) => {
    const field = event.target.closest?.("[data-field]");
    if (!field) return;
    const input = entry(field);
    const back = choice(field, "benchmark") ?? choice(field, "");
    if (event.target.type === "radio") {
      if (event.target === back) {
        if (input.value) empty(field);
      } else if (!input.value) {
        texts(field).forEach((each, place) => { each.value = kept.get(field)?.[place] ?? ""; });
        input.value ||= input.placeholder.trim();
        input.focus();
        input.select();
      }
    } else if (event.target.type === "text") {
      const filled = texts(field).some((each) => each.value.trim());
      if (!filled && back) back.checked = true;
      if (filled && back?.checked) own(field, back).checked = true;
    }
    if (back) back.value = input.value ? "benchmark" : "";
  }, true);

  document.addEventListener("click", (event) => {
    const reset = event.target.closest?.("[data-reset]");
    if (!reset) return;
    event.preventDefault();
    const field = reset.closest("[data-field]");
    empty(field);
    changed(entry(field));
    entry(field).focus();
  });
})();
