// The little that htmx leaves over on the calculator: care for what is being typed while an answer arrives.
"use strict";
(() => {
  const byId = (id) => document.getElementById(id);

  // What was typed since the last request wins over what the server sends back for it; open details stay open.
  const typed = new Set();
  let opened = [];
  let scrolled = 0;
  document.addEventListener("input", (event) => { if (event.target.id) typed.add(event.target.id); }, true);
  const values = new Map();
  document.addEventListener("htmx:beforeRequest", (event) => { if (event.detail.requestConfig.verb === "post") typed.clear(); });
  document.addEventListener("htmx:beforeSwap", (event) => {
    values.clear();
    for (const id of typed) { const field = byId(id); if (field?.matches("input:not([type=radio], [type=checkbox])")) values.set(id, field.value); }
    scrolled = byId("clinic")?.scrollTop ?? 0;
    opened = [...document.querySelectorAll("details[id][open]")].map((details) => details.id);
  });
  document.addEventListener("htmx:afterSwap", () => {
    for (const [id, value] of values) { const field = byId(id); if (field && field.value !== value) field.value = value; }
    for (const id of opened) byId(id)?.setAttribute("open", "");
    if (scrolled) byId("clinic").scrollTop = scrolled;
  });

  // A new result: clear what was wrong before, show defaults that moved, say the headline once typing rests.
  let saying;
  let waiting;
  const follow = () => {
    const results = byId("results");
    for (const [id, text] of Object.entries(JSON.parse(results.dataset.defaults ?? "{}"))) byId(id)?.setAttribute("placeholder", text);
    clearTimeout(saying);
    saying = setTimeout(() => { byId("announcement").textContent = results.dataset.announce ?? ""; }, 900);
  };
  // The pictures further down come after the answer itself; the last ones stay until the new ones are there. They are
  // asked for by an element that is never replaced, so that none is cut off.
  const later = (path, target, delay) => {
    clearTimeout(waiting);
    const query = byId("results")?.dataset.query;
    if (query === undefined) return;
    waiting = setTimeout(() => {
      const grid = new URLSearchParams();
      for (const name of ["across", "down"]) { const chosen = byId(`grid-${name}`)?.value; if (chosen) grid.set(name, chosen); }
      htmx.ajax("GET", `${path}?${query}&${grid}`, { source: "#later", target, swap: "outerHTML" });
    }, delay);
  };
  const more = () => later("/more", "#more", 120);
  document.addEventListener("htmx:afterSettle", (event) => {
    const id = event.detail.elt?.id;
    if (id === "results") {
      document.querySelectorAll("#inputs [aria-invalid]").forEach((field) => field.removeAttribute("aria-invalid"));
      document.querySelectorAll("#inputs .problem").forEach((line) => { line.textContent = ""; });
      document.querySelectorAll("#inputs .wrong").forEach((field) => field.classList.remove("wrong"));
      document.querySelector("#inputs .problems")?.remove();
      more();
    }
    if (id === "workspace" && document.activeElement === document.body) (byId("more-payers") ?? byId(`setting-${document.querySelector("[name='clinic.setting']:checked")?.value}`))?.focus({ preventScroll: true });
    if (id === "workspace" && values.size) byId("clinic").dispatchEvent(new Event("input", { bubbles: true }));
    if (id === "results" || id === "workspace") { byId("trouble").hidden = true; follow(); ready(); }
  });
  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(name, () => { const line = byId("trouble"); if (line) line.hidden = false; });
  }

  // Back undoes the last field: each field that is changed gets an entry of its own in the history.
  let edited = "";
  let shown = location.search;
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.requestConfig.verb !== "post") return;
    const source = event.detail.requestConfig.triggeringEvent?.target?.name ?? "";
    if (source !== edited) history.pushState(history.state, "", location.href);
    edited = source;
  });
  document.addEventListener("htmx:replacedInHistory", () => { shown = location.search; });
  addEventListener("popstate", () => { if (location.search !== shown) location.reload(); });

  // One click to a field, wherever it is folded away.
  const goto = (id) => {
    const place = byId(id);
    if (!place) return false;
    if (place.closest(".detail")) { byId("mode-detailed").checked = true; }
    for (let each = place.closest("details"); each; each = each.parentElement.closest("details")) each.open = true;
    if (place.matches("details")) place.open = true;
    place.scrollIntoView({ block: "center" });
    (place.matches("details") ? place.querySelector("summary") : place).focus({ preventScroll: true });
    return true;
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("[data-goto], [data-print], [data-again]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (link.dataset.goto !== undefined && goto(link.dataset.goto)) event.preventDefault();
    if (link.dataset.print !== undefined) print();
    if (link.dataset.again !== undefined) byId("clinic").dispatchEvent(new Event("input", { bubbles: true }));
  });
  const ready = () => { document.querySelectorAll("[data-print]").forEach((button) => { button.hidden = false; }); };
  ready();
  if (location.hash) goto(location.hash.slice(1));
})();
