// For the page of another site: gives each calculator in a frame (iframe[data-rapport]) the height it asks for.
// It sends no data, sets no cookie and needs nothing else. Licence: Apache-2.0.
"use strict";
(() => {
  if (window.rapportFrames) return;  // one is enough, however many frames there are
  const tallest = 20000;  // pixels
  const frames = () => document.querySelectorAll("iframe[data-rapport]");
  const ask = (frame) => frame.contentWindow?.postMessage({ type: "rapport:ask" }, "*");
  window.rapportFrames = true;
  window.addEventListener("message", (event) => {
    if (event.data?.type !== "rapport:size") return;
    const height = event.data.height;
    if (!Number.isFinite(height) || height <= 0 || height > tallest) return;
    for (const frame of frames()) {
      if (frame.contentWindow !== event.source || new URL(frame.src).origin !== event.origin) continue;
      frame.style.border = "0";
      frame.style.width = "100%";
      frame.style.height = `${Math.ceil(height)}px`;
    }
  });
  const askAll = () => frames().forEach(ask);  // a frame that was ready before this script
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", askAll);
  askAll();
})();
