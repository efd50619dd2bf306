"use strict";
(() => {
  // Quicker, never needed: copy buttons, open what a link or a printer asks for.
  for (const code of document.querySelectorAll("code.copy")) {
    const b = document.createElement("button");
    b.type = "button";
    b.className = "copybutton";
    b.textContent = "Copy";
    b.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(code.textContent);
        b.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(code);
        b.textContent = "Selected";
      }
      setTimeout(() => { b.textContent = "Copy"; }, 1500);
    });
    code.after(" ", b);
  }
  const reveal = () => {
    const at = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let d = at; d; d = d.parentElement) if (d.localName === "details") d.open = true;
    if (at) at.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  if (location.hash) reveal();
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details:not([open])")];
    for (const d of opened) d.open = true;
  });
  addEventListener("afterprint", () => {
    for (const d of opened) d.open = false;
  });
})();
