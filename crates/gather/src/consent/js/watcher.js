// Watches for a consent banner that a visitor can really see: hit-tested in the viewport, not covered, not
// transparent. Runs in an isolated world of every frame, reports the first visible paint and the going away.
(() => {
  const report = globalThis["__BINDING__"];
  if (typeof report !== "function" || globalThis.__affiantBanner) return;
  const top = window === window.top;
  const TOPIC = /cookie|consent|gdpr|ccpa|privacy (choices|preferences|settings)|your privacy|tracking|datenschutz|einwillig|confidentialit|vie privée|traceur|privacidad|privacidade|riservatezza|samtycke|toestemming|zgod|samtykke|evästeet/i;
  const ACTION = /accept|agree|allow|got it|\bok(ay)?\b|fine\b|understand|continue|reject|decline|deny|refuse|disagree|only (necessary|essential)|(necessary|essential) only|manage|settings|preferences|customi[sz]e|options|save|akzept|zustimm|einverstanden|erlauben|ablehn|einstellung|nur (notwendige|erforderliche)|accepter|autoriser|refuser|paramétr|personnaliser|tout|aceptar|acepto|rechazar|configur|accett|rifiut|impost|aceitar|rejeitar|definiç|accepteren|akkoord|weiger|instellingen|godkänn|neka|avvisa|akceptuj|odrzuć|hyväksy|accepter|afvis|godta|avslå/i;
  const NAMED = /cookie|consent|gdpr|ccpa|cmp|privacy|onetrust|optanon|truste|didomi|usercentrics|klaro|tarteaucitron|cc-window|cky-|osano|iubenda|termly|notice/i;
  const WEAK = /privacy|personal (information|data)|analytic|advertis|market|track|statisti|personali[sz]|third.part|partner|purposes|données personnelles|datos personales|dati personali|personenbezogen|persoonsgegevens/i;
  const YES = /accept|agree|allow|\bok(ay)?\b|^yes|akzept|zustimm|einverstanden|accepter|autoriser|acept|accett|aceitar|akkoord|godkänn|akceptuj|hyväksy|godta/i;
  const CALLED = /cookie|consent|gdpr|ccpa|\bcmp\b|onetrust|optanon|truste|didomi|usercentrics|klaro|tarteaucitron|cc-window|cky-|osano|iubenda|termly|orejime/i;
  const buttons = (e) => {
    const out = [];
    const walk = (root, depth) => {
      for (const b of root.querySelectorAll("button, a, [role=button], input[type=button], input[type=submit]")) {
        const label = (b.innerText || b.value || b.getAttribute("aria-label") || "").replace(/\s+/g, " ").trim();
        if (label && label.length <= 60 && ACTION.test(label) && b.getClientRects().length && !out.some((o) => o.element === b)) out.push({ label, element: b });
        if (out.length >= 20) return;
      }
      if (depth < 4) for (const c of root.querySelectorAll("*")) if (c.shadowRoot) walk(c.shadowRoot, depth + 1);
    };
    walk(e, 0);
    if (e.shadowRoot) walk(e.shadowRoot, 1);
    return out;
  };
  const words = (e) => {
    let t = e.innerText || "";
    if (e.shadowRoot) t += " " + [...e.shadowRoot.children].map((c) => c.innerText || "").join(" ");
    return t;
  };
  const up = (e) => e.assignedSlot || e.parentElement || (e.getRootNode() instanceof ShadowRoot ? e.getRootNode().host : null);
  const seen = (e) => {
    for (let n = e; n; n = up(n)) {
      const s = getComputedStyle(n);
      if (+s.opacity < 0.2 || s.visibility === "hidden") return false;
    }
    return true;
  };
  const stands = (e) => {
    const s = getComputedStyle(e);
    return s.position === "fixed" || s.position === "sticky" || e.tagName === "DIALOG" || /dialog/.test(e.getAttribute("role") || "")
      || e.getAttribute("aria-modal") === "true" || NAMED.test(`${e.id} ${typeof e.className === "string" ? e.className : ""} ${e.tagName.includes("-") ? e.tagName : ""}`);
  };
  const deepest = (x, y) => {
    let e = document.elementFromPoint(x, y);
    while (e && e.shadowRoot) {
      const inner = e.shadowRoot.elementFromPoint(x, y);
      if (!inner || inner === e) break;
      e = inner;
    }
    return e;
  };
  const POINTS = [[.5, .97], [.5, .9], [.5, .8], [.15, .95], [.85, .95], [.15, .8], [.85, .8], [.5, .5], [.5, .65], [.5, .35], [.5, .03], [.5, .1], [.15, .5], [.85, .5], [.15, .05], [.85, .05]];
  // All banners that a pointer would meet somewhere, the first one first.
  const find = () => {
    const w = innerWidth, h = innerHeight, tried = new Set(), all = [];
    if (w < 50 || h < 20) return all;
    for (const [fx, fy] of POINTS) {
      let best = null;
      for (let e = deepest(w * fx, h * fy), n = 0; e && n < 30; e = up(e), n++) {
        if (e === document.documentElement || (e === document.body && top)) break;
        if (tried.has(e)) continue;
        tried.add(e);
        const inFrame = !top && e === document.body;
        if (!inFrame && !stands(e)) continue;
        const text = words(e);
        if (text.length < 15 || text.length > 20000) continue;
        const b = buttons(e);
        // Some banners never say "cookie": then they must talk of what is gathered, and be called like a banner or
        // offer both a yes and something else.
        const strong = TOPIC.test(text);
        const called = CALLED.test(`${e.id} ${typeof e.className === "string" ? e.className : ""}`);
        const both = b.some((x) => YES.test(x.label)) && b.some((x) => !YES.test(x.label));
        if (!strong && !(WEAK.test(text) && (called || both))) continue;
        if (b.length && seen(e)) best = { e, text, b };
      }
      if (best && !all.some((f) => within(best.e, f.e) || within(f.e, best.e))) all.push(best);
    }
    return all;
  };
  const within = (e, outer) => {
    for (let n = e; n; n = up(n)) if (n === outer) return true;
    return false;
  };
  const path = (e) => e.id ? "#" + e.id : e.tagName.toLowerCase() + (typeof e.className === "string" && e.className ? "." + e.className.trim().split(/\s+/).slice(0, 3).join(".") : "");
  // What the driver reads with the same eyes: whether an element stands as a banner does, and talks as one.
  const talks = (text) => text.length >= 15 && text.length <= 20000 && (TOPIC.test(text) || WEAK.test(text));
  const state = (globalThis.__affiantBanner = { current: null, standing: [], words, seen, stands, talks, about: (text) => TOPIC.test(text), up, path });
  const tell = (what) => { try { report(JSON.stringify({ kind: "banner", wall: performance.timeOrigin + performance.now(), ...what })); } catch { /* gone */ } };
  // Looking costs a layout: it is done every 50 ms while the page changes or something moves in it, and for a while after; else four
  // times a second.
  const FAST = 50, SLOW = 250, AFTER = 400;
  let changed = performance.now(), looked = changed, timer = 0, operable = false, count = 0;
  // Whether a pointer would meet this control now.
  const reached = (e) => {
    const r = e.getBoundingClientRect(), x = r.left + r.width / 2, y = r.top + r.height / 2;
    if (e.disabled || r.width < 4 || x < 0 || y < 0 || x >= innerWidth || y >= innerHeight) return false;
    const hit = deepest(x, y);
    for (let n = hit; n; n = up(n)) if (n === e) return true;
    return false;
  };
  // A banner that cannot be met by a pointer has gone, unless another one is met that may stand before it.
  const shown = (e) => {
    if (!e.isConnected || !seen(e)) return false;
    const r = e.getBoundingClientRect();
    return e.getClientRects().length > 0 && r.right > 0 && r.bottom > 0 && r.left < innerWidth && r.top < innerHeight;
  };
  let found = [];
  const met = (b) => found.some((f) => f.e === b.e);
  const look = () => {
    clearTimeout(timer);
    const now = performance.now(), gap = now - looked;
    looked = now;
    found = [];
    try { if (document.body) found = find(); } catch { /* a page may break any of these */ }
    for (const b of [...state.standing]) {
      let stays = met(b);
      try { stays = stays || (found.length > 0 && shown(b.e)); } catch { /* as above */ }
      if (stays) continue;
      state.standing.splice(state.standing.indexOf(b), 1);
      tell({ event: "gone", id: b.id, top });
    }
    for (const f of found) {
      if (state.standing.some((b) => b.e === f.e)) continue;
      const id = ++count, wall = performance.timeOrigin + performance.now(), r = f.e.getBoundingClientRect();
      state.standing.push({ e: f.e, id });
      tell({ event: "visible", id, wall, gap, top, selector: path(f.e).slice(0, 300), rect: [r.x, r.y, r.width, r.height],
        text: f.text.replace(/[ \t]+/g, " ").trim().slice(0, 8000), buttons: f.b.map((x) => x.label) });
    }
    // A dialog that a banner has opened does not take its place while it stands.
    if (!state.standing.some((b) => b.e === state.current)) state.current = state.standing.length ? state.standing[0].e : null;
    if (!state.standing.length) operable = false;
    else if (!operable && found.some((f) => f.b.some((x) => reached(x.element)))) {
      operable = true;
      tell({ event: "operable", gap, top });
    }
    again();
  };
  // The driver turns to a banner that a pointer meets, and that was not answered.
  state.turn = (answered) => {
    look();
    const open = state.standing.filter((b) => !answered.includes(b.id));
    const next = open.find(met) || open[0];
    if (next) state.current = next.e;
  };
  // Whether nothing changes or moves any more: asked after a frame, so that a slow machine has had its turn.
  const passing = (a) => { const t = a.effect && a.effect.getComputedTiming(); return a.playState === "running" && !!t && t.endTime - t.localTime < 5000; };
  state.still = async () => {
    await new Promise((done) => { setTimeout(done, 200); requestAnimationFrame(() => setTimeout(done)); });
    look();
    return performance.now() - changed >= AFTER && !document.getAnimations().some(passing);
  };
  const again = () => { timer = setTimeout(look, performance.now() - changed < AFTER ? FAST : SLOW); };
  const change = () => {
    const now = performance.now(), slow = now - changed >= AFTER;
    changed = now;
    if (slow) { clearTimeout(timer); again(); }
  };
  new MutationObserver(change).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["class", "style", "hidden", "open", "src"] });
  for (const e of ["load", "scroll", "resize", "transitionrun", "transitionend", "animationstart", "animationiteration", "animationend"]) addEventListener(e, change, { capture: true, passive: true });
  look();
})();
