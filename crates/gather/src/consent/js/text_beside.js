// Places on plain text that a reader may click on: nothing that acts, nothing of the banner, nothing covered.
(() => {
  const s = globalThis.__affiantBanner, out = [];
  const banner = s && s.current ? s.current.getBoundingClientRect() : null;
  for (const e of document.querySelectorAll("p, h1, h2, h3, li, main, article, section")) {
    const r = e.getBoundingClientRect();
    if (r.width < 40 || r.height < 8 || r.bottom < 10 || r.top > innerHeight - 10) continue;
    const x = Math.max(2, Math.min(innerWidth - 2, r.x + Math.min(30, r.width / 2))), y = Math.max(2, Math.min(innerHeight - 2, r.y + Math.min(12, r.height / 2)));
    if (banner && x > banner.x - 5 && x < banner.right + 5 && y > banner.y - 5 && y < banner.bottom + 5) continue;
    const hit = document.elementFromPoint(x, y);
    if (!hit || !(hit === e || e.contains(hit))) continue;
    if (hit.closest("a, button, input, select, textarea, label, summary, [onclick], [role=button], [role=link], [contenteditable], [tabindex]") || hit.shadowRoot) continue;
    if (!(hit.innerText || "").trim()) continue;
    out.push([x, y]);
    if (out.length >= 3) break;
  }
  return out;
})()