// Stand-ins whose banner stands in an open shadow tree.
"use strict";
const ASKS = "We use cookies for analytics and advertising, with our partners. You decide.";

PLATFORMS.usercentrics = {
  cats: [["essential-chat", "Functional", "f"], ["ga", "Analytics", "a"], ["meta", "Marketing", "m"]],
  host: "usercentrics-root", float: true,
  first: `<div data-testid="uc-container" role="dialog"><p>${ASKS}</p><button data-testid="uc-more-button" data-act="settings">More Information</button><button data-testid="uc-deny-all-button" data-act="reject">Deny</button><button data-testid="uc-accept-all-button" data-act="accept">Accept All</button></div>`,
  second: (on) => `<div data-testid="uc-container" role="dialog"><p>Privacy Settings: cookies by category.</p>${switches(on)}<button data-testid="uc-save-button" data-act="save">Save Settings</button></div>`,
  back: `<button class="float" data-testid="uc-privacy-button" aria-label="Open Privacy Settings"></button>`,
  store(g) { localStorage.setItem("uc_settings", JSON.stringify({ settingsId: "x", services: Object.entries(g).map(([k, status]) => ({ id: k, status, history: [] })) })); localStorage.setItem("uc_user_interaction", "true"); },
  load() { const c = page.json("uc_settings"); return c ? Object.fromEntries(c.services.map((s) => [s.id, s.status])) : null; },
  api() {
    const name = { "essential-chat": "Chat", ga: "Google Analytics", meta: "Meta Pixel" }, category = { "essential-chat": "functional", ga: "analytics", meta: "marketing" };
    window.UC_UI = {
      isInitialized: () => true, acceptAllConsents: () => { cmp.choose(cmp.all(true)); return Promise.resolve(); }, denyAllConsents: () => { cmp.choose(cmp.all(false)); return Promise.resolve(); }, closeCMP: () => { cmp.close(); return true; },
      showSecondLayer: () => cmp.settings(), showFirstLayer: () => cmp.show(), areAllConsentsAccepted: () => !!cmp.granted && Object.values(cmp.granted).every(Boolean),
      getServicesBaseInfo: () => [{ id: "uc", name: "Usercentrics", categorySlug: "essential", isEssential: true, consent: { status: true } }, ...this.cats.map(([k]) => ({ id: k, name: name[k], categorySlug: category[k], isEssential: false, consent: { status: !!(cmp.granted && cmp.granted[k]) } }))],
    };
  },
};

PLATFORMS["usercentrics-3"] = {
  cats: [["functional", "Functional", "f"], ["analytics", "Analytics", "a"], ["marketing", "Marketing", "m"]],
  host: "usercentrics-cmp-ui",
  first: `<section role="dialog"><p>${ASKS}</p><button data-action-type="more" data-act="settings">More</button><button data-action-type="deny" data-act="reject">Deny all</button><button data-action-type="accept" data-act="accept">Accept all</button></section>`,
  second: (on) => `<section role="dialog"><p>Privacy Settings: cookies by category.</p>${switches(on)}<button data-action-type="save" data-act="save">Save services</button></section>`,
  back: `<a href="#uc-central-modal-show">Privacy settings</a>`,
  store(g) { localStorage.setItem("ucData", JSON.stringify({ consent: { services: Object.fromEntries(Object.entries(g).map(([k, consent]) => [k, { consent }])) }, settings: "x" })); localStorage.setItem("uc_user_interaction", "true"); },
  load() { const c = page.json("ucData"); return c ? Object.fromEntries(Object.entries(c.consent.services).map(([k, v]) => [k, v.consent])) : null; },
  api() {
    const on = (k) => !!(cmp.granted && cmp.granted[k]);
    window.__ucCmp = {
      getConsentDetails: () => new Promise((done) => setTimeout(() => done({
        consent: { required: !cmp.granted, status: cmp.granted ? (Object.values(cmp.granted).every(Boolean) ? "ALL_ACCEPTED" : Object.values(cmp.granted).some(Boolean) ? "SOME_ACCEPTED" : "ALL_DENIED") : "ALL_DENIED", type: cmp.granted ? "EXPLICIT" : "IMPLICIT" },
        services: Object.fromEntries(this.cats.map(([k, name]) => [k, { name, category: k, essential: false, consent: { given: on(k), type: cmp.granted ? "EXPLICIT" : "IMPLICIT" } }])),
        categories: { essential: { state: "ALL_ACCEPTED" }, ...Object.fromEntries(this.cats.map(([k]) => [k, { state: on(k) ? "ALL_ACCEPTED" : "ALL_DENIED" }])) },
      }), 30)),
      acceptAllConsents: async () => cmp.choose(cmp.all(true)), denyAllConsents: async () => cmp.choose(cmp.all(false)), saveConsents: async () => {}, showSecondLayer: async () => cmp.settings(), showFirstLayer: async () => cmp.show(),
    };
  },
};

PLATFORMS.transcend = {
  cats: [["Functional", "Functional", "f"], ["Analytics", "Analytics", "a"], ["Advertising", "Advertising", "m"]],
  host: "transcend-consent-manager", trusted: true,
  first: `<div id="consentManagerMainDialog" role="dialog"><p>${ASKS}</p><div class="inner-container"><button data-act="accept">Accept All</button><button data-act="reject">Reject All</button><button data-act="settings">More Choices</button></div></div>`,
  second: (on) => `<div id="consentManagerMainDialog" role="dialog"><p>Your privacy choices: cookies by purpose.</p>${boxes()(on)}<button data-act="save">Confirm</button></div>`,
  back: `<a href="#">Your Privacy Choices</a>`,
  store(g) { localStorage.setItem("tcmConsent", JSON.stringify({ purposes: { Essential: true, ...g }, confirmed: true, prompted: true, timestamp: new Date().toISOString(), updated: true })); },
  load() { const c = page.json("tcmConsent"); if (!c) return null; const { Essential: _, ...g } = c.purposes; return g; },
  api() {
    window.airgap = { getConsent: () => ({ purposes: { Essential: true, ...(cmp.granted || cmp.all(false)) }, confirmed: !!cmp.granted, prompted: true, timestamp: "2026-01-01T00:00:00Z" }), getPurposeTypes: () => Object.fromEntries(this.cats.map(([k, name]) => [k, { name, defaultConsent: false }])), optOut: () => { throw new Error("a trusted event is needed"); } };
    window.transcend = { showConsentManager: () => cmp.settings(), viewStates: {} };
  },
};

PLATFORMS.axeptio = {
  cats: [["intercom_functional", "Functional chat: Intercom", "f"], ["google_analytics", "Google Analytics", "a"], ["facebook_pixel_marketing", "Facebook marketing pixel", "m"]],
  host: "axeptio_overlay", mount: "axeptio_mount", float: true,
  first: `<div class="axeptio_widget axeptio-widget--open" role="dialog"><p>Hello, it is us, the cookies! ${ASKS}</p><button id="axeptio_btn_dismiss" data-act="reject">No, thanks</button><button id="axeptio_btn_configure" data-act="settings">I choose: settings</button><button id="axeptio_btn_acceptAll" data-act="accept">OK for me</button></div>`,
  second: (on) => `<div class="axeptio_widget" role="dialog"><p>Choose your cookies, one by one.</p>${switches(on)}<button id="axeptio_btn_next" data-act="save">Done</button></div>`,
  back: `<button class="float" id="axeptio_main_button" title="Cookies"></button>`,
  store(g) {
    page.cookie("axeptio_cookies", encodeURIComponent(JSON.stringify({ $$token: "x", $$date: new Date().toISOString(), $$cookiesVersion: { name: "glass-en" }, ...g, $$completed: true })));
    page.cookie("axeptio_all_vendors", encodeURIComponent(`,${Object.keys(g).join(",")},`));
    page.cookie("axeptio_authorized_vendors", encodeURIComponent(`,${Object.keys(g).filter((k) => g[k]).join(",")},`));
  },
  load() { const c = page.read("axeptio_cookies"); if (!c) return null; const all = JSON.parse(decodeURIComponent(c)); return Object.fromEntries(this.cats.map(([k]) => [k, !!all[k]])); },
  api() { window.openAxeptioCookies = () => cmp.settings(); window.axeptioSDK = { on() {} }; },
};
