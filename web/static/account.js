// A password can be looked at while it is typed.
"use strict";
(() => {
  document.querySelectorAll("[data-show]").forEach((button) => {
    const field = document.getElementById(button.dataset.show);
    const words = [button.textContent, button.dataset.hideWords];
    button.hidden = false;
    button.addEventListener("click", () => {
      const shown = field.type === "password";
      field.type = shown ? "text" : "password";
      button.textContent = words[Number(shown)];
      button.setAttribute("aria-pressed", String(shown));
      field.focus();
    });
    field.form.addEventListener("submit", () => { field.type = "password"; }); // so that no browser keeps it as a text
  });
})();
