// What all stand-ins share: a first layer, a second one, a stored choice, and a pixel for each purpose that is granted.
"use strict";
const PLATFORMS = {};
const id = location.pathname.split("/")[1];
const page = {
  sent: new Set(),
  send(purpose) { if (!this.sent.has(purpose)) { this.sent.add(purpose); new Image().src = `https://tags.platforms-tags.test/p/${purpose}.gif?v=${id}`; } },
  cookie(name, value) { document.cookie = `${name}=${value}; path=/; max-age=31536000; secure; samesite=lax`; },
  read(name) { const m = document.cookie.match(new RegExp(`(?:^|; )${name.replace(/[.$]/g, "\\$&")}=([^;]*)`)); return m ? m[1] : null; },
  json(name) { try { return JSON.parse(localStorage.getItem(name)); } catch { return null; } },
  // A TC string by the technical specification, version 2: only the core segment, without vendors.
  tc(purposes) {
    const bits = (n, width) => n.toString(2).padStart(width, "0").slice(-width);
    const now = Math.round(Date.now() / 100), granted = Array.from({ length: 24 }, (_, i) => (purposes.includes(i + 1) ? "1" : "0")).join("");
    const all = bits(2, 6) + bits(now, 36) + bits(now, 36) + bits(10, 12) + bits(1, 12) + bits(1, 6) + bits(4, 6) + bits(13, 6) + bits(60, 12)
      + bits(4, 6) + "10" + bits(0, 12) + granted + bits(0, 24) + "0" + bits(3, 6) + bits(4, 6) + bits(0, 16) + "0" + bits(0, 16) + "0" + bits(0, 12);
    const set = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    return (all.padEnd(Math.ceil(all.length / 6) * 6, "0").match(/.{6}/g) || []).map((b) => set[parseInt(b, 2)]).join("");
  },
};
const STYLE = `
  .bar { position: fixed; left: 0; right: 0; bottom: 0; padding: 14px; background: #eef; border-top: 2px solid #223; z-index: 99; font: 16px sans-serif; color: #112; }
  .sheet { position: fixed; left: 25%; right: 25%; top: 12%; padding: 18px; background: #fff; border: 2px solid #223; z-index: 100; font: 16px sans-serif; color: #112; }
  .float { position: fixed; left: 12px; bottom: 12px; width: 44px; height: 44px; border-radius: 22px; background: #446; border: 0; z-index: 98; }
  label, .row { display: block; margin: 5px 0; } button { font: inherit; padding: 6px 12px; margin: 3px; }`;

// One platform at work. `p.cats`: id, name and purpose of each category.
const cmp = {
  p: null, root: null, granted: null, bar: null, sheet: null,
  all(value) { return Object.fromEntries(this.p.cats.map((c) => [c[0], value])); },
  apply() { if (this.granted) for (const [cat, , purpose] of this.p.cats) if (this.granted[cat]) page.send(purpose); },
  choose(granted) {
    this.granted = { ...granted };
    this.p.store(this.granted);
    this.close();
    if (this.p.changed) this.p.changed(this.granted);
    this.apply();
  },
  close() { for (const k of ["bar", "sheet"]) { if (this[k]) this[k].remove(); this[k] = null; } },
  put(html, kind) {
    const box = document.createElement("div");
    box.innerHTML = html;
    const e = box.firstElementChild;
    e.classList.add(kind);
    this.root.append(e);
    e.addEventListener("click", (event) => {
      const at = event.target.closest("[data-act]");
      // Some take no notice of a click that a script makes.
      if (!at || (this.p.trusted && !event.isTrusted)) return;
      this.act(at.dataset.act, e);
    });
    return e;
  },
  act(what, e) {
    if (what === "accept") return this.choose(this.all(true));
    if (what === "reject") return this.choose(this.all(false));
    if (what === "settings") return this.settings();
    if (what === "close") return this.close();
    if (what.startsWith("toggle:")) {
      const s = e.querySelector(`[data-act="${what}"]`);
      s.setAttribute("aria-checked", s.getAttribute("aria-checked") !== "true");
      return undefined;
    }
    const state = {};
    for (const [cat] of this.p.cats) {
      const box = e.querySelector(`[data-box="${cat}"]`);
      state[cat] = box.matches("input") ? box.checked : box.getAttribute("aria-checked") === "true";
    }
    return this.choose(state);
  },
  show() { if (!this.bar) this.bar = this.put(this.p.first, "bar"); },
  settings() {
    if (this.p.opens) return this.p.opens();
    if (this.bar && !this.p.keeps) { this.bar.remove(); this.bar = null; }
    if (this.sheet) return undefined;
    const on = (cat) => (this.granted ? !!this.granted[cat] : !!this.p.ticked);
    this.sheet = this.put(this.p.second(on), "sheet");
    return undefined;
  },
  back(html) {
    const box = document.createElement("span");
    box.innerHTML = html;
    const e = box.firstElementChild;
    e.addEventListener("click", (event) => { event.preventDefault(); this.settings(); });
    (this.p.float ? this.root : document.getElementById("footer")).append(e);
  },
};
const boxes = (attrs) => (on) => cmp.p.cats.map(([cat, name]) => `<label><input type="checkbox" data-box="${cat}" ${attrs || ""} ${on(cat) ? "checked" : ""}> ${name}</label>`).join("");
const switches = (on) => cmp.p.cats.map(([cat, name]) => `<div class="row"><button role="switch" aria-label="${name}" aria-checked="${on(cat)}" data-box="${cat}" data-act="toggle:${cat}">${name}</button></div>`).join("");

function start() {
  const p = PLATFORMS[id];
  if (!p) return;
  cmp.p = p;
  const style = Object.assign(document.createElement("style"), { textContent: STYLE });
  if (p.host) {
    const host = document.createElement("div");
    host.id = p.host;
    const mount = p.mount ? Object.assign(document.createElement("div"), { className: p.mount }) : null;
    document.body.append(mount || host);
    if (mount) { mount.append(host); host.className = "needsclick"; }
    cmp.root = host.attachShadow({ mode: "open" });
    cmp.root.append(style);
  } else {
    document.head.append(style);
    cmp.root = document.body;
    if (p.wrap) { cmp.root = Object.assign(document.createElement("div"), p.wrap); document.body.append(cmp.root); }
  }
  cmp.granted = p.load();
  if (p.api) p.api();
  if (p.back) cmp.back(p.back);
  if (cmp.granted) cmp.apply();
  else setTimeout(() => (p.show ? p.show() : cmp.show()), 250);
}
