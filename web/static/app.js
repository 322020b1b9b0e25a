// What every page needs beside htmx: the theme, the language, and the drawer.
"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const root = document.documentElement;

  // Theme
  const button = byId("theme");
  const isDark = () => (root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const label = () => {
    const [words, title] = isDark() ? [button.dataset.light, button.dataset.toLight] : [button.dataset.dark, button.dataset.toDark];
    button.textContent = words;
    button.setAttribute("aria-label", title);
  };
  if (button) {
    button.hidden = false;
    label();
    button.addEventListener("click", () => {
      root.dataset.theme = isDark() ? "light" : "dark";
      try { localStorage.setItem("rapport-theme", root.dataset.theme); } catch { /* not remembered, but done */ }
      label();
    });
  }

  // The menu closes on Escape and when something else is pressed.
  const menu = document.querySelector("details.who");
  document.addEventListener("click", (event) => { if (menu?.open && !menu.contains(event.target)) menu.open = false; });
  menu?.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });

  // The other language shows what stands in the address now, not when the page was drawn.
  document.querySelectorAll("[data-language]").forEach((link) => link.addEventListener("click", () => {
    const address = new URL(location.href);
    address.searchParams.set("lang", link.dataset.language);
    link.href = address.href;
  }));

  // So does signing in: it comes back to what stands in the address now.
  document.querySelectorAll("[data-return]").forEach((link) => link.addEventListener("click", () => {
    const address = new URL(link.href);
    address.searchParams.set("next", location.pathname + location.search);
    link.href = address.href;
  }));

  // A link to share is copied where the browser can, and followed where it cannot.
  const copied = (link) => {
    const said = link.textContent;
    const say = () => { link.textContent = link.dataset.copy; setTimeout(() => { link.textContent = said; }, 2000); };
    return navigator.clipboard?.writeText(link.href).then(say, () => { location.href = link.href; });
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("[data-copy]");
    if (!link || !navigator.clipboard || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    copied(link);
  });

  // The drawer: focus goes in when it opens and back to where it was when it closes (the browser does the latter).
  const drawer = byId("drawer");
  const openDrawer = () => { if (!drawer.open) drawer.showModal(); byId("panel-heading")?.focus(); drawer.scrollTop = 0; };
  drawer?.addEventListener("click", (event) => { if (event.target === drawer) drawer.close(); });
  document.addEventListener("htmx:afterSettle", (event) => { if (event.detail.elt?.id === "panel" && drawer) openDrawer(); });
})();
