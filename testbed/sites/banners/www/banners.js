// Consent banners in the ways in which real ones differ, fail and fool. The first part of the path says which.
"use strict";
(() => {
  const variant = location.pathname.split("/")[1], second = location.pathname.endsWith("/two");
  const is = (...names) => names.includes(variant);
  const german = is("german"), gpc = navigator.globalPrivacyControl === true;
  document.getElementById("text").innerHTML = Array.from({ length: 28 }, (_, i) =>
    `<p>Stone number ${i + 1} lies where it has been lying for a long time, and nothing about it has changed since anyone began to look.</p>`).join("");

  // What is granted, and what is sent for it.
  const PURPOSES = ["functional", "analytics", "marketing"], NAME = `stones_${variant}`, sent = new Set();
  // Some keep the answer where no script can read it: in a cookie of the server's, or with the server alone.
  const away = is("http-only", "server-side");
  const read = () => {
    if (away) return localStorage.getItem("s") ? {} : null;
    return readCookie();
  };
  const readCookie = () => { const m = document.cookie.match(`(?:^|; )${NAME}=([^;]*)`); return m ? JSON.parse(decodeURIComponent(m[1])) : null; };
  const send = (purpose) => { if (!sent.has(purpose)) { sent.add(purpose); new Image().src = `https://tags.banners-tags.test/p/${purpose}.gif?v=${variant}`; } };
  const apply = (granted) => {
    for (const p of PURPOSES) if (granted[p]) {
      send(p);
      if (is("sends-after-opt-out")) localStorage.setItem("stones", "1");
    }
  };
  const all = (value) => ({ necessary: true, functional: value, analytics: value, marketing: value });
  const store = (granted) => {
    if (away) {
      fetch(`/${variant}/answer-${granted.marketing ? "accept" : "reject"}`, { method: "POST" });
      localStorage.setItem("s", "1");
      apply(granted);
      close();
      return;
    }
    const lasts = is("forgets") ? "" : "; max-age=31536000";
    document.cookie = `${NAME}=${encodeURIComponent(JSON.stringify(granted))}; path=/${lasts}; secure; samesite=lax`;
    apply(granted);
    close();
  };
  if (is("sends-after-opt-out") && localStorage.getItem("stones")) send("marketing");
  if (is("loses") && second) document.cookie = `${NAME}=; path=/; max-age=0`;

  // Where the banner lives: in the page, or in a shadow tree.
  let root = document.body;
  if (is("shadow", "closed")) {
    const host = document.body.appendChild(document.createElement("stone-notice"));
    root = host.attachShadow({ mode: is("closed") ? "closed" : "open" });
  }
  root.append(Object.assign(document.createElement("style"), { textContent: `
    .notice { position: fixed; left: 0; right: 0; bottom: 0; padding: 16px; background: #eee; border-top: 2px solid #333; z-index: 9; font: 16px sans-serif; color: #111; }
    .layer { position: fixed; left: 30%; right: 30%; top: 20%; padding: 20px; background: #fff; border: 2px solid #333; z-index: 10; font: 16px sans-serif; color: #111; }
    .layer label { display: block; margin: 6px 0; }
    .tiny { position: absolute; opacity: 0; width: 1px; height: 1px; }
    .slider { display: inline-block; width: 36px; height: 18px; border-radius: 9px; background: #999; margin-right: 8px; vertical-align: middle; }
    .tiny:checked + .slider { background: #161; }
    .drawn { position: relative; padding-left: 44px; } .knob { position: absolute; left: 0; top: 0; width: 36px; height: 18px; background: #999; }
    .drawn input { position: absolute; left: 4px; top: 2px; margin: 0; } .drawn input:checked + .knob { background: #161; }
    button { font: inherit; padding: 6px 12px; margin: 4px; }
    iframe { border: 0; position: fixed; left: 0; bottom: 0; width: 100%; height: 130px; }` }));
  const make = (tag, props, ...children) => { const e = Object.assign(document.createElement(tag), props); e.append(...children); return e; };
  const button = (label, act) => make("button", { type: "button", textContent: label, onclick: act });

  let notice = null, layer = null;
  const close = () => { if (notice) notice.remove(); if (layer) layer.remove(); notice = layer = null; };

  const BOXES = german
    ? [["functional", "Funktional", false], ["analytics", "Statistik", true], ["marketing", "Marketing", true]]
    : [["functional", "Functional", false], ["analytics", "Analytics", true], ["marketing", "Marketing", true]];
  const openLayer = () => {
    if (layer) return;
    if (is("do-not-sell")) return openSale();
    const stored = read(), state = {};
    layer = make("div", { className: "layer" }, make("p", {}, german ? "Cookie-Einstellungen: Wählen Sie, welche Cookies wir nutzen." : "Cookie settings: choose which cookies we may use."));
    layer.setAttribute("role", "dialog");
    const box = (name, label, on, fixed) => {
      if (is("switches")) {
        const b = button(label, () => { if (!fixed) { state[name] = !state[name]; b.setAttribute("aria-checked", state[name]); } });
        b.setAttribute("role", "switch");
        b.setAttribute("aria-checked", on);
        b.disabled = fixed;
        layer.append(b);
      } else {
        const input = make("input", { type: "checkbox", checked: on, disabled: fixed, onchange: () => { state[name] = input.checked; } });
        if (is("drawn-boxes")) {
          layer.append(make("label", { className: "drawn" }, input, make("span", { className: "knob" }), label));
        } else if (is("hidden-boxes")) {
          input.className = "tiny";
          layer.append(make("label", {}, input, make("span", { className: "slider" }), label));
        } else layer.append(make("label", {}, input, " " + label));
      }
      state[name] = on;
    };
    box("necessary", german ? "Notwendig" : "Strictly necessary", true, true);
    for (const [name, label, pre] of BOXES) box(name, label, stored ? stored[name] : pre, false);
    layer.append(button(german ? "Auswahl speichern" : "Save my choices", () => store({ ...state })), button(german ? "Alle akzeptieren" : "Accept all", () => store(all(true))));
    root.append(layer);
  };
  // A notice as U.S. sites have it: everything runs, and there is a way to say no to the sale.
  const openSale = () => {
    let on = (read() || all(true)).marketing;
    const b = button("Sale or sharing of personal information for targeted advertising", () => { on = !on; b.setAttribute("aria-checked", on); });
    b.setAttribute("role", "switch");
    b.setAttribute("aria-checked", on);
    layer = make("div", { className: "layer" }, make("p", {}, "Your privacy choices: we share personal information for advertising."), b, button("Confirm my choices", () => store({ ...all(true), marketing: on })));
    layer.setAttribute("role", "dialog");
    root.append(layer);
  };

  const show = () => {
    if (read() || notice) return;
    if (is("frame")) {
      notice = make("iframe", { src: `https://frame.banners-frame.test/banner.html?v=${variant}`, title: "Notice" });
      root.append(notice);
      return;
    }
    const text = german ? "Wir verwenden Cookies für Statistik und Werbung. Sie entscheiden selbst."
      : is("do-not-sell") ? "We and our partners use cookies and share personal information for advertising."
      : is("fools") ? "Bake our best cookies: get the recipe newsletter."
      : "We use cookies for analytics and advertising. You decide.";
    notice = make("div", { className: "notice" }, make("p", {}, text));
    if (is("fools")) notice.append(make("input", { type: "email", placeholder: "E-mail" }), button("Subscribe", close), button("No thanks", close));
    else if (is("do-not-sell")) notice.append(button("OK", () => store(all(true))), button("Do not sell or share my personal information", openSale));
    else {
      notice.append(button(german ? "Alle akzeptieren" : "Accept all", () => store(all(true))));
      if (is("closed", "forgets", "loses", "late", "http-only", "server-side")) notice.append(button("Reject all", () => store(all(false))));
      if (is("no-reject")) notice.append(make("a", { href: "/privacy/", textContent: "Privacy policy" }));
      else {
        notice.append(button(german ? "Einstellungen" : "Cookie settings", openLayer));
        const x = button("×", () => is("takes-close") ? store(all(true)) : close());
        x.setAttribute("aria-label", german ? "Schließen" : "Close");
        notice.append(x);
      }
    }
    root.append(notice);
  };
  addEventListener("message", (e) => { if (e.origin === "https://frame.banners-frame.test") store(all(e.data === "accept")); });
  if (!is("no-reject", "fools", "takes-close")) addEventListener("keydown", (e) => { if (e.key === "Escape") close(); });
  if (is("takes-scroll")) addEventListener("scroll", () => { if (notice && scrollY > 200) store(all(true)); });

  // The ways back.
  const BACK = { german: "Cookie-Einstellungen", "do-not-sell": "Your Privacy Choices" };
  if (!is("no-reject", "no-way-back", "api-way-back", "fools", "frame")) document.getElementById("footer").append(button(BACK[variant] || "Cookie settings", openLayer));
  // A stand-in for a platform's interface, under the name that one has; it is not that platform.
  if (is("api-way-back")) window.OneTrust = { ToggleInfoDisplay: openLayer, RejectAll: () => store(all(false)), AllowAll: () => store(all(true)) };

  const stored = read();
  if (stored) apply(stored);
  else if (is("do-not-sell")) apply(all(true));
  else if (is("gpc")) { if (!gpc) send("marketing"); }
  if (is("gpc") && gpc) return;
  setTimeout(show, is("late") ? 8000 : 300);
})();
