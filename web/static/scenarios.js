// How many scenarios are ticked, and no more than can stand side by side.
"use strict";
(() => {
  const button = document.querySelector("[data-most]");
  if (button) {
    const most = Number(button.dataset.most);
    const follow = () => {
      const boxes = [...button.form.querySelectorAll("input[type=checkbox]")]; // a search adds some
      const ticked = boxes.filter((box) => box.checked).length;
      for (const box of boxes) box.disabled = !box.checked && ticked >= most;
      button.disabled = ticked < 2;
    };
    button.form.addEventListener("change", follow);
    button.form.addEventListener("htmx:afterSettle", follow);
    addEventListener("pageshow", follow); // a browser that goes back ticks what was ticked
    follow();
  }
})();
