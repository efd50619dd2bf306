// Ways back to the preferences that a visitor can see on the page: links and buttons outside of any banner.
(() => {
  const s = globalThis.__affiantBanner;
  const kept = (globalThis.__affiantFound ??= []), out = [];
  const take = (root, depth) => {
    for (const e of root.querySelectorAll("a, button, [role=button], [role=link], [tabindex='0']")) {
      const label = (e.innerText || e.getAttribute("aria-label") || e.title || (e.querySelector("img[alt]") || { alt: "" }).alt || "").replace(/\s+/g, " ").trim();
      if (!label || label.length > 80 || (s && s.current && s.current.contains(e))) continue;
      const r = e.getBoundingClientRect();
      if (r.width < 4 || r.height < 4 || (s && !s.seen(e))) continue;
      kept.push(e);
      out.push({ at: kept.length - 1, label, href: (e.getAttribute("href") || "").slice(0, 300) });
      if (out.length >= 400) return;
    }
    if (depth < 4) for (const c of root.querySelectorAll("*")) if (c.shadowRoot) take(c.shadowRoot, depth + 1);
  };
  take(document, 0);
  return out;
})()