// How many scenarios are ticked, and no more than can stand side by side.
"use strict";
(() => {
  const button = document.querySelector("[data-most]");
  if (button) {
    const most = Number(button.dataset.most);
    const boxes = [...document.querySelectorAll(".listed input[type=checkbox]")];
    const follow = () => {
      const ticked = boxes.filter((box) => box.checked).length;
      for (const box of boxes) box.disabled = !box.checked && ticked >= most;
      button.disabled = ticked < 2;
    };
    boxes.forEach((box) => box.addEventListener("change", follow));
    addEventListener("pageshow", follow); // a browser that goes back ticks what was ticked
    follow();
  }
})();
