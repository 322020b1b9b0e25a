// Inside the frame: tells the page around it how tall it is, and nothing else. Which pages may be around it, the
// server says (frame-ancestors); a height may go to any of those.
"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  if (window.parent === window) return;
  let told = 0;
  const tell = () => {
    const height = Math.ceil(root.getBoundingClientRect().height);
    if (height === told) return;
    told = height;
    window.parent.postMessage({ type: "rapport:size", height }, "*");
  };
  new ResizeObserver(tell).observe(root);
  window.addEventListener("message", (event) => {  // the page around it was not ready for the first answer
    if (event.source === window.parent && event.data?.type === "rapport:ask") { told = 0; tell(); }
  });
})();
