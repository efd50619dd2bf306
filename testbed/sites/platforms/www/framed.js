// Stand-ins whose banner, or whose preferences, stand in a frame of another site.
"use strict";
const FRAME = "https://cdn.platforms-frame.test";
const framed = (path, name, wrap) => {
  const box = document.createElement("div");
  Object.assign(box, wrap);
  box.style.cssText = "position:fixed;left:10%;right:10%;bottom:0;height:300px;z-index:99;background:#fff";
  const f = Object.assign(document.createElement("iframe"), { id: name, title: "Consent", src: `${FRAME}${path}` });
  f.style.cssText = "border:0;width:100%;height:100%";
  box.append(f);
  document.body.append(box);
  return box;
};
addEventListener("message", (e) => {
  if (e.origin !== FRAME || !e.data || !e.data.choice) return;
  if (e.data.choice === "settings") cmp.settings();
  else cmp.choose(e.data.choice === "save" ? e.data.granted : cmp.all(e.data.choice === "accept"));
});
const state = () => encodeURIComponent(JSON.stringify(cmp.granted || {}));

PLATFORMS.sourcepoint = {
  cats: [["functional", "Functional", "f"], ["analytics", "Analytics", "a"], ["advertising", "Advertising", "m"]],
  show() { if (!cmp.bar) cmp.bar = framed("/index.html?message_id=1&consentUUID=x&requestUUID=y", "sp_message_iframe_1", { id: "sp_message_container_1" }); },
  opens() { cmp.close(); cmp.sheet = framed(`/privacy-manager/index.html?consentUUID=x&message_id=2#${state()}`, "sp_message_iframe_2", { id: "sp_message_container_2" }); },
  back: `<a href="#">Privacy settings</a>`,
  store(g) {
    const all = Object.values(g).every(Boolean), any = Object.values(g).some(Boolean);
    localStorage.setItem("_sp_user_consent_1", JSON.stringify({ gdpr: { applies: true, consentStatus: { consentedAll: all, rejectedAll: !any, rejectedAny: !all, consentedToAny: any, hasConsentData: true }, uuid: "x" }, granted: g }));
    localStorage.setItem("_sp_local_state", "{}");
  },
  load() { const c = page.json("_sp_user_consent_1"); return c ? c.granted : null; },
  api() {
    const consents = () => ({ applies: true, categories: this.cats.map(([k, name]) => ({ _id: k, systemId: 1, name, consented: !!(cmp.granted && cmp.granted[k]) })), vendors: [] });
    window._sp_ = { config: { accountId: 1, propertyHref: location.origin, gdpr: { privacyManagerId: 77 } }, gdpr: { loadPrivacyManagerModal: () => cmp.settings(), getUserConsents: (f) => f(consents(), true), getTcData: (f) => f(null, false) } };
  },
};

PLATFORMS.trustarc = {
  cats: [["1", "Functional Cookies", "f"], ["2", "Performance and analytics Cookies", "a"], ["3", "Advertising Cookies", "m"]],
  first: `<div id="truste-consent-track"><div id="truste-consent-content" role="dialog"><p id="truste-consent-text">${"We use cookies for analytics and advertising, with our partners. You decide."}</p><button id="truste-show-consent" data-act="settings">Manage Settings</button><button id="truste-consent-required" data-act="reject">Required Only</button><button id="truste-consent-button" data-act="accept">Agree and Proceed</button></div></div>`,
  opens() { cmp.close(); cmp.sheet = framed(`/preferences.html#${state()}`, "pop-frame", { className: "truste_popframe" }); },
  back: `<a href="#" id="teconsent">Cookie Preferences</a>`,
  prefs(g) { return ["0", ...Object.keys(g).filter((k) => g[k])]; },
  store(g) {
    const on = this.prefs(g);
    page.cookie("notice_preferences", encodeURIComponent(`${on[on.length - 1]}:`));
    page.cookie("notice_gdpr_prefs", encodeURIComponent(`${on.join(",")}:`));
    page.cookie("notice_behavior", "expressed,us");
    page.cookie("cmapi_cookie_privacy", encodeURIComponent(`permit ${on.map((k) => +k + 1).join(",")}`));
  },
  load() { const c = decodeURIComponent(page.read("notice_gdpr_prefs") || ""); return c ? Object.fromEntries(this.cats.map(([k]) => [k, c.replace(":", "").split(",").includes(k)])) : null; },
  api() {
    const decision = () => ({ consentDecision: cmp.granted ? this.prefs(cmp.granted).map((k) => +k + 1) : [0], source: cmp.granted ? "asserted" : "implied" });
    window.truste = { eu: { clickListener: () => cmp.settings(), bindMap: { get prefCookie() { return cmp.granted ? this.now() : undefined; }, now: () => this.prefs(cmp.granted).join(",") } }, cma: { callApi: () => decision() } };
  },
};
