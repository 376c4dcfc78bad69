// Keeps the page up to date: when the worker says that its figures moved, the page is asked for again and its main
// part replaced. Without it the page reads as well, and refreshes itself.
"use strict";
(() => {
  const main = () => document.getElementById("main");
  if (!main() || !main().dataset.live || !window.EventSource) return;
  let busy = false;
  const renew = async () => {
    // Not under the reader's hands: while something in it is selected or has the focus, it stays as it is.
    if (busy || document.hidden || main().contains(document.activeElement) && document.activeElement !== main()) return;
    if (String(window.getSelection())) return;
    busy = true;
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      if (!answer.ok) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const id of ["main", "state"]) {
        const [old, now] = [document.getElementById(id), fresh.getElementById(id)];
        if (old && now && old.innerHTML !== now.innerHTML) old.replaceChildren(...now.childNodes);
      }
    } catch { /* the worker is away: the next event tells */ } finally { busy = false; }
  };
  new EventSource("/live").addEventListener("moved", renew);
})();
