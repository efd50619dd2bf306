// What the page says, once settled; with `fieldsOnly` its fields and nothing else. Read-only; runs in an isolated world.
// Everything is bounded.
(fieldsOnly) => {
  const cut = (s, n) => String(s ?? "").replace(/\s+/g, " ").trim().slice(0, n);
  const visible = (e) => {
    const r = e.getBoundingClientRect();
    const s = getComputedStyle(e);
    return r.width > 1 && r.height > 1 && s.visibility !== "hidden" && s.display !== "none" && +s.opacity > 0.05;
  };
  const path = (e) => {
    const parts = [];
    for (let n = e; n && n.nodeType === 1 && parts.length < 12; n = n.parentElement ?? n.getRootNode()?.host) {
      if (n.id && /^[\w-]+$/.test(n.id)) { parts.unshift("#" + n.id); break; }
      const same = n.parentElement ? [...n.parentElement.children].filter((c) => c.tagName === n.tagName) : [];
      parts.unshift(n.tagName.toLowerCase() + (same.length > 1 ? `:nth-of-type(${same.indexOf(n) + 1})` : ""));
    }
    return parts.join(" > ").slice(0, 1000);
  };
  const label = (e) => {
    const root = e.getRootNode();
    const by = (e.getAttribute("aria-labelledby") || "").split(/\s+/).filter(Boolean)
      .map((id) => root.getElementById?.(id)?.textContent).join(" ");
    return cut(by || e.getAttribute("aria-label") || [...(e.labels || [])].map((l) => l.textContent).join(" ")
      || e.getAttribute("placeholder") || e.getAttribute("title"), 200);
  };
  const inputs = [], links = new Set(), headings = [], videos = [];
  const video = (kind, title, src, background) => {
    const v = { kind, title: cut(title, 300), src: String(src ?? "").slice(0, 2048), background: !!background };
    if (videos.length < 20 && !videos.some((o) => o.kind === kind && o.title === v.title && o.src === v.src)) videos.push(v);
  };
  // Hosts that serve players into frames.
  const hosts = /(^|\.)(youtube\.com|youtube-nocookie\.com|vimeo\.com|wistia\.(net|com)|brightcove\.net|jwplatform\.com|jwplayer\.com|dailymotion\.com)$/;
  const shown = (root) => {
    for (const e of root.querySelectorAll("h1, h2")) {
      if (headings.length >= 20) break;
      const text = cut(e.textContent, 200);
      if (text && visible(e)) headings.push({ level: +e.tagName[1], text });
    }
    for (const e of root.querySelectorAll("video")) {
      const name = e.getAttribute("aria-label") || e.getAttribute("title") || e.closest("figure")?.querySelector("figcaption")?.textContent;
      const src = e.currentSrc || e.src || e.querySelector("source")?.src;
      if (visible(e)) video("element", name, src, (e.muted || e.hasAttribute("muted")) && e.loop && !e.controls);
    }
    for (const e of root.querySelectorAll("iframe[src]")) {
      let host = "";
      try { host = new URL(e.src).hostname; } catch { continue; }
      if (hosts.test(host) && visible(e)) video("frame", e.getAttribute("title"), e.src);
    }
  };
  const told = (v, depth) => {
    if (depth > 6 || !v || typeof v !== "object") return;
    if ([v["@type"]].flat().includes("VideoObject")) video("json-ld", v.name, v.contentUrl || v.embedUrl);
    for (const o of Object.values(v).slice(0, 200)) told(o, depth + 1);
  };
  const meta = (name) => document.querySelector(`meta[property="${name}"]`)?.getAttribute("content") ?? "";
  // Kept for whoever types into them.
  const kept = (globalThis.__affiantInputs = []);
  const walk = (root, depth) => {
    for (const e of root.querySelectorAll("input, textarea, select, [contenteditable=''], [contenteditable='true']")) {
      if (inputs.length >= 300) break;
      const type = e.tagName === "INPUT" ? (e.getAttribute("type") || "text").toLowerCase() : "";
      if (["hidden", "submit", "button", "image", "reset"].includes(type)) continue;
      const form = e.form;
      kept.push(e);
      inputs.push({
        selector: path(e), tag: e.isContentEditable ? "contenteditable" : e.tagName.toLowerCase(), kind: cut(type, 40),
        name: cut(e.getAttribute("name") || e.id, 200), autocomplete: cut(e.getAttribute("autocomplete"), 100),
        label: label(e), form: cut(form && (form.id || form.getAttribute("name") || form.getAttribute("action")), 200),
        visible: visible(e),
      });
    }
    if (!fieldsOnly) for (const a of root.querySelectorAll("a[href], area[href]")) {
      if (links.size >= 2000) break;
      if (/^https?:$/.test(a.protocol ?? "")) links.add(String(a.href).split("#")[0].slice(0, 2048));
    }
    if (!fieldsOnly) shown(root);
    if (depth < 8) for (const e of root.querySelectorAll("*")) if (e.shadowRoot) walk(e.shadowRoot, depth + 1);
  };
  walk(document, 0);
  if (!fieldsOnly) {
    for (const e of [...document.querySelectorAll('script[type="application/ld+json"]')].slice(0, 20)) {
      // What cannot be read says nothing.
      try { if (e.textContent.length < 200000) told(JSON.parse(e.textContent), 0); } catch { /* */ }
    }
    const src = meta("og:video") || meta("og:video:url");
    if (src) video("og", meta("og:type").startsWith("video") ? meta("og:title") : "", src);
  }
  return {
    url: String(location.href).slice(0, 65536), title: cut(document.title, 500), lang: document.documentElement?.lang || null,
    text: fieldsOnly ? "" : (document.body?.innerText ?? "").slice(0, 200000), inputs, links: [...links], headings, videos,
  };
}
