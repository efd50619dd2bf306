// Reads what a visitor can operate in a consent banner: buttons, links, boxes and switches, by role and name. Runs in
// the watcher's world of a frame; `this` is a closed shadow root, or nothing. Elements are kept for the click.
(function (second, looks) {
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
    // A sign that is only drawn ("X") is no part of the name where there is another one.
    const spoken = () => {
      if (!e.querySelector("[aria-hidden=true]")) return "";
      const copy = e.cloneNode(true);
      for (const h of copy.querySelectorAll("[aria-hidden=true]")) h.remove();
      return copy.textContent.trim();
    };
    const shown = e.matches("input") ? (/button|submit/.test(e.type) ? e.value : "") : spoken() || e.innerText;
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
  // What stands in the window and has something else before it cannot be clicked. What a scroll would show, can.
  const covered = (e) => {
    const r = e.getBoundingClientRect(), x = r.left + r.width / 2, y = r.top + r.height / 2;
    if (x < 0 || y < 0 || x >= innerWidth || y >= innerHeight) return false;
    for (let n = s.up(e); n; n = s.up(n)) {
      const c = getComputedStyle(n), b = n.getBoundingClientRect();
      if (/auto|scroll|hidden/.test(c.overflowY + c.overflowX) && (x < b.left || x > b.right || y < b.top || y > b.bottom)) return false;
    }
    const root = e.getRootNode(), hit = (root.elementFromPoint ? root : document).elementFromPoint(x, y);
    return !!hit && hit !== e && !e.contains(hit) && !hit.contains(e);
  };
  // How it looks: colours as WCAG 2 compares them. A picture behind it makes that unknown.
  const colour = (c) => { const m = /rgba?\(([\d.]+)[, ]+([\d.]+)[, ]+([\d.]+)(?:[,/ ]+([\d.]+))?/.exec(c || ""); return m ? [+m[1], +m[2], +m[3], m[4] === undefined ? 1 : +m[4]] : null; };
  const behind = (e) => {
    let over = [];
    for (let n = e; n; n = s.up(n)) {
      const c = getComputedStyle(n), b = colour(c.backgroundColor);
      if (c.backgroundImage !== "none") return null;
      if (b && b[3] > 0) { over.push(b); if (b[3] === 1) break; }
    }
    let r = [255, 255, 255];
    for (const b of over.reverse()) r = r.map((v, i) => v * (1 - b[3]) + b[i] * b[3]);
    return r;
  };
  const light = (c) => { const [r, g, b] = c.slice(0, 3).map((v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const ratio = (a, b) => { if (!a || !b) return null; const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return Math.round((x + 0.05) / (y + 0.05) * 100) / 100; };
  const rect = (e) => { const r = e.getBoundingClientRect(); return [r.x, r.y, r.width, r.height].map((v) => Math.round(v * 10) / 10); };
  const look = (e, target) => {
    const c = getComputedStyle(target), own = behind(target), around = s.up(target) ? behind(s.up(target)) : null, ink = colour(c.color);
    const border = parseFloat(c.borderTopWidth) > 0 && c.borderTopStyle !== "none" ? ratio(colour(c.borderTopColor), around) : null;
    const surface = ratio(own, around);
    return {
      rect: rect(target), font: parseFloat(c.fontSize) || null, contrast: ink && own ? ratio(own.map((v, i) => v * (1 - ink[3]) + ink[i] * ink[3]), own) : null,
      standsOut: surface === null ? border : Math.max(surface, border || 0), tab: e.tabIndex >= 0 && !e.disabled && (!e.matches("a") || e.hasAttribute("href") || e.hasAttribute("tabindex")),
    };
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
      // What is drawn for a box may lie before it, beside it in one wrapper.
      if (box && covered(target) && e.parentElement && e.parentElement.getBoundingClientRect().height < 100 && !covered(e.parentElement)) target = e.parentElement;
      const label = name(e);
      if ((!label && !box) || covered(target)) continue;
      const on = box ? (e.matches("input") ? e.checked : e.getAttribute("aria-checked") === "true") : null;
      kept.push(target);
      out.push({
        at: kept.length - 1, role: box ? (type === "radio" || role === "radio" ? "radio" : "box") : e.matches("a, [role=link]") ? "link" : "button",
        label, around: box ? around(e) : "", on, off: e.disabled === true || e.getAttribute("aria-disabled") === "true",
        ...(looks ? look(e, target) : {}),
        close: /close|dismiss|schließ|fermer|cerrar|chiudi|fechar|sluiten/i.test(`${typeof e.className === "string" ? e.className : ""} ${e.id} ${e.getAttribute("data-role") || ""}`),
      });
    }
    if (depth < 4) for (const c of root.querySelectorAll("*")) if (c.shadowRoot) take(c.shadowRoot, depth + 1);
  };
  // The look of a layer is that of the dialog that was opened, not of the bar that still stands below it.
  const these = looks && second && roots.some((r) => r !== s.current) ? roots.filter((r) => r !== s.current) : roots;
  for (const r of these) { take(r, 0); if (r.shadowRoot) take(r.shadowRoot, 1); }
  let layer = null;
  if (looks && out.length) {
    const root = these[0], main = closed ? root.children[0] : root, w = innerWidth, h = innerHeight;
    // A wrapper without a size of its own: the largest thing inside that can be seen is what stands there.
    const area = (e) => { const b = e.getBoundingClientRect(); return b.width * b.height; };
    let body = main;
    if (main && area(main) < 1) for (const e of [...((main.shadowRoot || main).querySelectorAll("*"))].slice(0, 2000)) if (area(e) > area(body) && s.seen(e) && (out.some((c) => e.contains(kept[c.at])))) body = e;
    const r = body ? body.getBoundingClientRect() : null;
    const text = (closed ? [...root.children].map((c) => c.innerText || "").join(" ") : s.words(main)).replace(/\s+/g, " ").trim();
    const dialog = (n) => n.matches && (n.matches("dialog[open], [role=dialog], [role=alertdialog], [aria-modal=true]") || !!(n.querySelector && n.querySelector("dialog[open], [role=dialog], [role=alertdialog], [aria-modal=true]")));
    let said = false, lang = null;
    for (let n = main; n; n = s.up(n)) { said = said || n === main && dialog(n) || n.matches("dialog[open], [role=dialog], [role=alertdialog], [aria-modal=true]"); lang = lang || n.getAttribute("lang"); }
    let focus = document.activeElement;
    while (focus && focus.shadowRoot && focus.shadowRoot.activeElement) focus = focus.shadowRoot.activeElement;
    let focused = false;
    for (let n = focus; n && n !== document.body; n = s.up(n)) if (n === main || n === root) focused = true;
    // What stands beside it: the page, or a sheet that is laid over it.
    let beside = null;
    if (top && r) {
      const inside = (x, y) => x >= r.left && x <= r.right && y >= r.top && y <= r.bottom;
      for (const [fx, fy] of [[.5, .1], [.5, .5], [.1, .5], [.9, .5], [.5, .9], [.05, .05], [.95, .95]]) {
        const x = w * fx, y = h * fy;
        if (inside(x, y)) continue;
        let sheet = false;
        for (let n = document.elementFromPoint(x, y); n && n !== document.body && n !== document.documentElement; n = s.up(n)) {
          const c = getComputedStyle(n), b = n.getBoundingClientRect();
          if ((c.position === "fixed" || n.tagName === "DIALOG") && b.width >= w * 0.9 && b.height >= h * 0.9) sheet = true;
        }
        beside = beside || !sheet;
      }
      const modal = document.querySelector("dialog:modal");
      if (modal && beside) beside = false;
    }
    const still = (n) => n && /hidden|clip/.test(getComputedStyle(n).overflowY);
    layer = {
      rect: body ? rect(body) : null, share: r && w * h ? Math.round(Math.max(0, Math.min(r.right, w) - Math.max(r.left, 0)) * Math.max(0, Math.min(r.bottom, h) - Math.max(r.top, 0)) / (w * h) * 1000) / 1000 : null,
      lang, text: text.slice(0, 8000), dialog: said, focused, beside, scrolls: top ? !still(document.documentElement) && !still(document.body) : null,
    };
  }
  return { found: roots.length, controls: out, layer };
})