// The little that htmx leaves over: the theme, the drawer, and care for what is being typed while an answer arrives.
"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const root = document.documentElement;

  // Theme
  const button = byId("theme");
  const isDark = () => (root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const label = () => { button.textContent = isDark() ? "Light" : "Dark"; button.setAttribute("aria-label", `Switch to ${isDark() ? "light" : "dark"} colours`); };
  button.hidden = false;
  label();
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    try { localStorage.setItem("rapport-theme", root.dataset.theme); } catch { /* not remembered, but done */ }
    label();
  });

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
  const follow = () => {
    const results = byId("results");
    for (const [id, text] of Object.entries(JSON.parse(results.dataset.defaults ?? "{}"))) byId(id)?.setAttribute("placeholder", text);
    clearTimeout(saying);
    saying = setTimeout(() => { byId("announcement").textContent = results.dataset.announce ?? ""; }, 900);
  };
  document.addEventListener("htmx:afterSettle", (event) => {
    const id = event.detail.elt?.id;
    if (id === "panel") return openDrawer();
    if (id === "results") {
      document.querySelectorAll("#inputs [aria-invalid]").forEach((field) => field.removeAttribute("aria-invalid"));
      document.querySelectorAll("#inputs .problem").forEach((line) => { line.textContent = ""; });
      document.querySelectorAll("#inputs .wrong").forEach((field) => field.classList.remove("wrong"));
      document.querySelector("#inputs .problems")?.remove();
    }
    if (id === "workspace" && values.size) byId("clinic").dispatchEvent(new Event("input", { bubbles: true }));
    if (id === "results" || id === "workspace") { byId("trouble").hidden = true; follow(); }
  });
  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(name, () => { const line = byId("trouble"); if (line) line.hidden = false; });
  }

  // The drawer: focus goes in when it opens and back to where it was when it closes (the browser does the latter).
  const drawer = byId("drawer");
  const openDrawer = () => { if (!drawer.open) drawer.showModal(); byId("panel-heading")?.focus(); drawer.scrollTop = 0; };
  drawer?.addEventListener("click", (event) => { if (event.target === drawer) drawer.close(); });
})();
