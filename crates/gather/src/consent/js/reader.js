// Reads what a visitor can operate in a consent banner: buttons, links, boxes and switches, by role and name. Runs in
// the watcher's world of a frame; `this` is a closed shadow root, or nothing. Elements are kept for the click.
(function (second) {
  const s = globalThis.__affiantBanner;
  if (!s) return null;
  const top = window === window.top, closed = this instanceof ShadowRoot ? this : null;
  const kept = (globalThis.__affiantFound ??= []);
  const roots = [];
  const add = (e) => { if (e && !roots.some((r) => r === e || r.contains(e))) roots.push(e); };
  if (closed) {
    const text = [...closed.children].map((c) => c.innerText || "").join(" ");
    if (s.talks(text)) add(closed);
  } else {
    add(s.current);
    if (!top && document.body && s.talks(document.body.innerText || "")) add(document.body);
    if (second) {
      const wanted = "dialog[open], [role=dialog], [role=alertdialog], [aria-modal=true], [id*=cookie i], [class*=cookie i], [id*=consent i], [class*=consent i], [id*=privacy i], [class*=privacy i]";
      const walk = (root, depth) => {
        for (const d of root.querySelectorAll(wanted)) {
          const r = d.getBoundingClientRect();
          if (r.width > 100 && r.height > 40 && s.seen(d) && s.talks(s.words(d)) && (s.stands(d) || /dialog/i.test(d.tagName + d.getAttribute("role")))) add(d);
        }
        if (depth < 4) for (const c of root.querySelectorAll("*")) if (c.shadowRoot) walk(c.shadowRoot, depth + 1);
      };
      walk(document, 0);
    }
  }
  const name = (e) => {
    const by = (e.getAttribute("aria-labelledby") || "").split(/\s+/).map((id) => id && e.getRootNode().getElementById && e.getRootNode().getElementById(id)).filter(Boolean).map((x) => x.innerText || x.textContent).join(" ");
    const label = e.labels && e.labels.length ? [...e.labels].map((l) => l.innerText || l.textContent).join(" ") : "";
    const shown = e.matches("input") ? (/button|submit/.test(e.type) ? e.value : "") : e.innerText;
    return (e.getAttribute("aria-label") || by || shown || label || e.title || (e.querySelector("img[alt], svg [aria-label], svg title") || { alt: "" }).alt || "").replace(/\s+/g, " ").trim().slice(0, 120);
  };
  // What stands around a box that has no name of its own.
  const around = (e) => {
    for (let n = s.up(e), i = 0; n && i < 5; n = s.up(n), i++) {
      const t = (n.innerText || "").replace(/\s+/g, " ").trim();
      if (t.length > 2) return t.slice(0, 160);
    }
    return "";
  };
  const shown = (e) => {
    const r = e.getBoundingClientRect();
    return r.width >= 4 && r.height >= 4 && s.seen(e);
  };
  const out = [], met = new Set();
  const take = (root, depth) => {
    for (const e of root.querySelectorAll("button, a, [role=button], [role=link], [role=switch], [role=checkbox], [role=radio], [aria-checked], input, label[for], summary, [tabindex='0']")) {
      if (out.length >= 150) return;
      if (met.has(e)) continue;
      met.add(e);
      const type = (e.getAttribute("type") || "").toLowerCase(), role = (e.getAttribute("role") || "").toLowerCase();
      const box = e.matches("input[type=checkbox], input[type=radio]") || role === "switch" || role === "checkbox" || e.hasAttribute("aria-checked");
      if (e.matches("input") && !box && !/button|submit/.test(type)) continue;
      if (e.matches("label") ) continue;
      let target = e;
      if (box && !shown(e)) {
        // The box itself is hidden behind its label, or behind what is drawn beside it.
        target = (e.labels && [...e.labels].find(shown)) || (e.parentElement && shown(e.parentElement) ? e.parentElement : null);
        if (!target) continue;
      } else if (!shown(e)) continue;
      const label = name(e);
      if (!label && !box) continue;
      const on = box ? (e.matches("input") ? e.checked : e.getAttribute("aria-checked") === "true") : null;
      kept.push(target);
      out.push({
        at: kept.length - 1, role: box ? (type === "radio" || role === "radio" ? "radio" : "box") : e.matches("a, [role=link]") ? "link" : "button",
        label, around: box ? around(e) : "", on, off: e.disabled === true || e.getAttribute("aria-disabled") === "true",
        close: /close|dismiss|schließ|fermer|cerrar|chiudi|fechar|sluiten/i.test(`${typeof e.className === "string" ? e.className : ""} ${e.id} ${e.getAttribute("data-role") || ""}`),
      });
    }
    if (depth < 4) for (const c of root.querySelectorAll("*")) if (c.shadowRoot) take(c.shadowRoot, depth + 1);
  };
  for (const r of roots) { take(r, 0); if (r.shadowRoot) take(r.shadowRoot, 1); }
  return { found: roots.length, controls: out };
})