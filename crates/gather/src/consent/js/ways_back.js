// Ways back to the preferences that a visitor can see on the page: links and buttons outside of any banner. A small
// thing that stands over the page and is a consent platform's by its words or its markup is one without a plain name.
(() => {
  const s = globalThis.__affiantBanner;
  const kept = (globalThis.__affiantFound ??= []), out = [];
  const OWN = /cookie|consent|privacy|revoke|revisit|gdpr|\bcmp|ot-sdk|usercentrics|iubenda|axeptio|tarteaucitron|didomi|termly|\bcky|cmplz|osano|truste|klaro/i;
  const floats = (e, label) => {
    let fixed = false, own = OWN.test(label);
    for (let n = e, i = 0; n && i < 5; n = s ? s.up(n) : n.parentElement, i++) {
      own = own || OWN.test(`${n.id} ${typeof n.className === "string" ? n.className : ""} ${n.tagName}`);
      fixed = fixed || getComputedStyle(n).position === "fixed";
    }
    return fixed && own;
  };
  const take = (root, depth) => {
    for (const e of root.querySelectorAll("a, button, [role=button], [role=link], [tabindex='0'], [class*=revoke i], [class*=revisit i]")) {
      const label = (e.innerText || e.getAttribute("aria-label") || e.title || (e.querySelector("img[alt]") || { alt: "" }).alt || "").replace(/\s+/g, " ").trim();
      if (label.length > 80 || (s && s.current && s.current.contains(e))) continue;
      const r = e.getBoundingClientRect();
      if (r.width < 4 || r.height < 4 || (s && !s.seen(e))) continue;
      const floating = r.width <= 260 && r.height <= 120 && floats(e, label);
      if (!label && !floating) continue;
      kept.push(e);
      out.push({ at: kept.length - 1, label: label || "a floating icon", floating, href: (e.getAttribute("href") || "").slice(0, 300) });
      if (out.length >= 400) return;
    }
    if (depth < 4) for (const c of root.querySelectorAll("*")) if (c.shadowRoot) take(c.shadowRoot, depth + 1);
  };
  take(document, 0);
  return out;
})()