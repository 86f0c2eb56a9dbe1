"use strict";
/* Asks every second whether anything would be shown otherwise now. A frame leaves that to the page around it. */
(() => {
  const known = document.currentScript.dataset.known;
  const state = document.getElementById("state");
  const said = state ? state.textContent : "";

  const ask = async () => {
    try {
      const answer = await fetch("/version", { cache: "no-store" });
      if (answer.ok && (await answer.text()) !== known) {
        location.reload();
        return;
      }
      if (state) state.textContent = said;
    } catch {
      if (state) state.textContent = "The preview has ended";
    }
    setTimeout(ask, 1000);
  };

  if (window.top === window) setTimeout(ask, 1000);
})();
