// Stand-ins whose banner stands in the page itself.
"use strict";
const TEXT = "We use cookies for analytics and advertising, with our partners. You decide.";

PLATFORMS.onetrust = {
  cats: [["C0002", "Performance Cookies", "a"], ["C0003", "Functional Cookies", "f"], ["C0004", "Targeting Cookies", "m"]],
  wrap: { id: "onetrust-consent-sdk" }, ticked: true,
  first: `<div id="onetrust-banner-sdk" role="dialog" aria-label="Privacy"><p id="onetrust-policy-text">${TEXT}</p><button id="onetrust-pc-btn-handler" data-act="settings">Cookies Settings</button><button id="onetrust-reject-all-handler" data-act="reject">Reject All</button><button id="onetrust-accept-btn-handler" data-act="accept">Accept All Cookies</button></div>`,
  second: (on) => `<div id="onetrust-pc-sdk" role="dialog" aria-label="Privacy Preference Center"><h2>Manage Consent Preferences</h2><p>Strictly Necessary Cookies: Always Active</p>${boxes('class="category-switch-handler"')(on)}<button class="save-preference-btn-handler" data-act="save">Confirm My Choices</button></div>`,
  back: `<a href="#" class="ot-sdk-show-settings">Cookie Settings</a>`,
  groups(g) { return [["C0001", true], ...Object.entries(g)].filter((x) => x[1]).map((x) => x[0]); },
  store(g) {
    const groups = ["C0001:1", ...Object.entries(g).map(([k, v]) => `${k}:${v ? 1 : 0}`)].join(",");
    page.cookie("OptanonConsent", `isGpcEnabled=0&datestamp=${encodeURIComponent(new Date())}&version=202403.1.0&isIABGlobal=false&consentId=x&interactionCount=1&landingPath=NotLandingPage&groups=${encodeURIComponent(groups)}&geolocation=US%3BCA`);
    page.cookie("OptanonAlertBoxClosed", new Date().toISOString());
  },
  load() {
    const m = /groups=([^&]*)/.exec(page.read("OptanonConsent") || "");
    return m && page.read("OptanonAlertBoxClosed") ? Object.fromEntries(decodeURIComponent(m[1]).split(",").map((x) => x.split(":")).filter((x) => x[0] !== "C0001").map(([k, v]) => [k, v === "1"])) : null;
  },
  changed(g) {
    window.OnetrustActiveGroups = `,${this.groups(g).join(",")},`;
    const word = (v) => (v ? "granted" : "denied");
    this.gtag("consent", "update", { ad_storage: word(g.C0004), analytics_storage: word(g.C0002), ad_user_data: word(g.C0004), ad_personalization: word(g.C0004) });
    window.uetq.push("consent", "update", { ad_storage: word(g.C0004) });
    window.fbq.queue.push(["consent", g.C0004 ? "grant" : "revoke"]);
  },
  // Consent mode's commands, as the documentation has them; the tags themselves are not there.
  gtag() { window.dataLayer.push(arguments); },
  api() {
    window.dataLayer = [];
    this.gtag("consent", "default", { ad_storage: "denied", analytics_storage: "denied", ad_user_data: "denied", ad_personalization: "denied", wait_for_update: 500 });
    window.uetq = ["consent", "default", { ad_storage: "denied" }];
    window.fbq = { queue: [["consent", "revoke"], ["dataProcessingOptions", ["LDU"], 1, 1000]] };
    window.OnetrustActiveGroups = `,${this.groups(cmp.granted || {}).join(",")},`;
    window.OneTrust = {
      AllowAll: () => cmp.choose(cmp.all(true)), RejectAll: () => cmp.choose(cmp.all(false)), ToggleInfoDisplay: () => cmp.settings(),
      IsAlertBoxClosed: () => !!page.read("OptanonAlertBoxClosed"),
      GetDomainData: () => ({
        ConsentModel: { Name: "opt-in" }, ShowAlertNotice: true, Language: { Culture: "en" },
        Groups: [{ CustomGroupId: "C0001", GroupName: "Strictly Necessary Cookies", Status: "always active", FirstPartyCookies: [{ Name: "OptanonConsent" }], Hosts: [] },
          ...this.cats.map(([k, name]) => ({ CustomGroupId: k, GroupName: name, Status: "inactive", FirstPartyCookies: [], Hosts: [] }))],
      }),
    };
  },
};

// The same platform, set up so that refusing takes the second layer.
PLATFORMS["onetrust-deep"] = { ...PLATFORMS.onetrust, first: PLATFORMS.onetrust.first.replace(/<button id="onetrust-reject-all-handler".*?<\/button>/, "") };

// The same platform with a chat widget that is filed as strictly necessary for Californians. The page fetches the rules of
// every region, as the real one does.
PLATFORMS["onetrust-chat"] = {
  ...PLATFORMS.onetrust,
  api() {
    PLATFORMS.onetrust.api.call(this);
    const data = window.OneTrust.GetDomainData();
    data.Groups[0].Hosts = [{ HostName: "intercom.io", Cookies: [{ Name: "intercom-id-glass", Host: "intercom.io" }] }];
    window.OneTrust.GetDomainData = () => data;
    window.otStubData = { regionRule: { Name: "California" }, domainData: { Version: "202403.1.0" } };
    const base = "https://cdn.cookielaw.org/consent/0190f1c2-aaaa-7bbb-8ccc-000000000001/";
    for (const file of ["0190f1c2-aaaa-7bbb-8ccc-000000000001.json", "ca/en.json", "rest/en.json"]) fetch(base + file).then((r) => r.json());
    document.head.append(Object.assign(document.createElement("script"), { src: "https://widget.intercom.io/widget.js" }));
  },
};

PLATFORMS.cookiebot = {
  cats: [["preferences", "Preferences", "f"], ["statistics", "Statistics", "a"], ["marketing", "Marketing", "m"]], float: true,
  first: `<div id="CybotCookiebotDialog" role="dialog" name="CybotCookiebotDialog"><p>This website uses cookies. ${TEXT}</p><button id="CybotCookiebotDialogBodyLevelButtonLevelOptinDeclineAll" data-act="reject">Deny</button><button id="CybotCookiebotDialogBodyLevelButtonCustomize" data-act="settings">Customize</button><button id="CybotCookiebotDialogBodyLevelButtonLevelOptinAllowAll" data-act="accept">Allow all</button></div>`,
  second: (on) => `<div id="CybotCookiebotDialog" role="dialog"><p>This website uses cookies: choose which.</p><label><input type="checkbox" checked disabled> Necessary</label>${boxes('class="CybotCookiebotDialogBodyLevelButton"')(on)}<button id="CybotCookiebotDialogBodyLevelButtonLevelOptinAllowallSelection" data-act="save">Allow selection</button></div>`,
  back: `<button id="CookiebotWidget" class="float CookiebotWidget-open" aria-label="Cookiebot Widget icon"></button>`,
  store(g) { page.cookie("CookieConsent", encodeURIComponent(`{stamp:'x',necessary:true,preferences:${g.preferences},statistics:${g.statistics},marketing:${g.marketing},method:'explicit',ver:1,utc:${Date.now()},region:'us-06'}`)); },
  load() {
    const c = decodeURIComponent(page.read("CookieConsent") || "");
    return c ? Object.fromEntries(this.cats.map(([k]) => [k, c.includes(`${k}:true`)])) : null;
  },
  state() {
    const g = cmp.granted, any = !!g && Object.values(g).some(Boolean);
    return { consent: { necessary: true, ...(g || cmp.all(false)), method: g ? "explicit" : null, stamp: g ? "x" : "0" }, hasResponse: !!g, consented: any, declined: !!g && !any, dialog: { visible: !!cmp.bar } };
  },
  changed() { Object.assign(window.Cookiebot, this.state()); },
  api() {
    window.Cookiebot = {
      ...this.state(), show: () => cmp.show(), hide: () => cmp.close(), renew: () => cmp.settings(), withdraw: () => { cmp.granted = null; page.cookie("CookieConsent", "; max-age=0"); },
      submitCustomConsent: (preferences, statistics, marketing) => cmp.choose({ preferences, statistics, marketing }),
    };
    setInterval(() => { window.Cookiebot.dialog = { visible: !!cmp.bar }; }, 100);
  },
};

PLATFORMS.didomi = {
  cats: [["cookies", "Store and access information on a device", "f"], ["analytics", "Analytics", "a"], ["advertising", "Personalised advertising", "m"]],
  wrap: { id: "didomi-host" },
  first: `<div id="didomi-notice" class="didomi-notice-banner" role="dialog"><p>${TEXT}</p><button id="didomi-notice-learn-more-button" data-act="settings">Learn More</button><button id="didomi-notice-disagree-button" data-act="reject">Disagree and close</button><button id="didomi-notice-agree-button" data-act="accept">Agree and close</button></div>`,
  second: (on) => `<div class="didomi-consent-popup-preferences" role="dialog"><p>Your consent preferences: we and our partners use cookies.</p>${switches(on)}<button data-act="save">Save</button></div>`,
  back: `<a href="#">Consent preferences</a>`,
  store(g) {
    const of = (v) => Object.keys(g).filter((k) => g[k] === v);
    page.cookie("didomi_token", btoa(JSON.stringify({ user_id: "x", created: new Date().toISOString(), updated: new Date().toISOString(), purposes: { enabled: of(true), disabled: of(false) }, vendors: { enabled: [], disabled: [] }, version: 2 })));
    page.cookie("euconsent-v2", page.tc(g.advertising ? [1, 2, 3, 4] : []));
  },
  load() { const t = page.read("didomi_token"); return t ? Object.fromEntries(this.cats.map(([k]) => [k, JSON.parse(atob(t)).purposes.enabled.includes(k)])) : null; },
  api() {
    window.Didomi = {
      getCurrentUserStatus: () => ({ purposes: Object.fromEntries(this.cats.map(([k]) => [k, { id: k, enabled: !!(cmp.granted && cmp.granted[k]) }])), vendors: {}, regulation: "gdpr", user_id: "x", updated: cmp.granted ? "2026-01-01" : null }),
      shouldUserStatusBeCollected: () => !cmp.granted, isConsentRequired: () => true,
      setUserAgreeToAll: () => cmp.choose(cmp.all(true)), setUserDisagreeToAll: () => cmp.choose(cmp.all(false)),
      notice: { isVisible: () => !!cmp.bar, show: () => cmp.show(), hide: () => cmp.close() }, preferences: { show: () => cmp.settings(), isVisible: () => !!cmp.sheet },
      getRequiredPurposes: () => this.cats.map(([k, name]) => ({ id: k, name })), getRequiredVendors: () => [], getConfig: () => ({ app: { name: "Glass" } }),
    };
    (window.didomiOnReady || []).forEach((f) => f(window.Didomi));
  },
};

PLATFORMS.osano = {
  cats: [["ANALYTICS", "Analytics", "a"], ["MARKETING", "Marketing", "m"], ["PERSONALIZATION", "Personalization", "f"]],
  wrap: { className: "osano-cm-window" }, float: true,
  first: `<div class="osano-cm-dialog osano-cm-dialog--type_bar" role="dialog"><p>${TEXT}</p><button class="osano-cm-manage" data-act="settings">Manage Preferences</button><button class="osano-cm-denyAll" data-act="reject">Reject Non-Essential</button><button class="osano-cm-accept-all" data-act="accept">Accept All</button></div>`,
  second: (on) => `<div class="osano-cm-info-dialog" role="dialog"><p>Cookie Preferences: choose what we may use.</p><label><input type="checkbox" checked disabled> Essential</label>${boxes()(on)}<button class="osano-cm-save" data-act="save">Save</button></div>`,
  back: `<button class="float osano-cm-widget" title="Cookie Preferences" aria-label="Cookie Preferences"></button>`,
  // The real one's storage cannot be read: it is encoded.
  store(g) { localStorage.setItem("osano_consentmanager", btoa(JSON.stringify(g)).split("").reverse().join("")); page.cookie("osano_consentmanager_uuid", "x"); },
  load() { const t = localStorage.getItem("osano_consentmanager"); return t ? JSON.parse(atob(t.split("").reverse().join(""))) : null; },
  consent() { return { ESSENTIAL: "ACCEPT", OPT_OUT: "DENY", ...Object.fromEntries(this.cats.map(([k]) => [k, cmp.granted && cmp.granted[k] ? "ACCEPT" : "DENY"])) }; },
  api() {
    const me = this;
    window.Osano = { cm: { mode: "production", getConsent: () => me.consent(), showDrawer: () => cmp.settings(), denyAll: () => cmp.choose(cmp.all(false)), get dialogOpen() { return !!cmp.bar; } } };
  },
};

PLATFORMS.cookieyes = {
  cats: [["functional", "Functional", "f"], ["analytics", "Analytics", "a"], ["advertisement", "Advertisement", "m"]], float: true,
  first: `<div class="cky-consent-container" role="region"><p>${TEXT}</p><button data-cky-tag="settings-button" data-act="settings">Customise</button><button data-cky-tag="reject-button" data-act="reject">Reject All</button><button data-cky-tag="accept-button" data-act="accept">Accept All</button></div>`,
  second: (on) => `<div class="cky-modal cky-modal-open" role="dialog"><p>Customise Consent Preferences: we use cookies.</p>${boxes()(on)}<button data-cky-tag="detail-save-button" data-act="save">Save My Preferences</button></div>`,
  back: `<button class="float cky-btn-revisit" aria-label="Consent Preferences"></button>`,
  store(g) { page.cookie("cookieyes-consent", `consentid:x,consent:${Object.values(g).some(Boolean) ? "yes" : "no"},action:yes,necessary:yes,${Object.entries(g).map(([k, v]) => `${k}:${v ? "yes" : "no"}`).join(",")}`); },
  load() { const c = page.read("cookieyes-consent"); return c ? Object.fromEntries(this.cats.map(([k]) => [k, c.includes(`${k}:yes`)])) : null; },
  api() {
    window.getCkyConsent = () => ({ activeLaw: "ccpa", categories: { necessary: true, ...(cmp.granted || cmp.all(false)) }, isUserActionCompleted: !!cmp.granted, consentID: "x", languageCode: "en" });
    window.revisitCkyConsent = () => cmp.settings();
    window.performBannerAction = (what) => cmp.choose(cmp.all(what === "accept_all"));
  },
};

PLATFORMS.consentmanager = {
  cats: [["1", "Functional", "f"], ["8", "Measurement", "a"], ["4", "Marketing", "m"]],
  wrap: { id: "cmpwrapper" },
  first: `<div id="cmpbox" role="dialog"><p class="cmpboxhl">${TEXT}</p><div class="cmpmore"><a href="#" role="button" class="cmpboxbtn cmpboxbtncustom" data-act="settings">Settings</a></div><a href="#" role="button" class="cmpboxbtn cmpboxbtnno" data-act="reject">Reject</a><a href="#" role="button" class="cmpboxbtn cmpboxbtnyes" data-act="accept">Accept all</a></div>`,
  second: (on) => `<div id="cmpbox2" role="dialog"><p>Privacy settings: cookies and partners.</p>${switches(on)}<a href="#" role="button" class="cmpboxbtn cmpboxbtnyescustomchoices" data-act="save">Save + Exit</a></div>`,
  back: `<a href="#">Privacy settings</a>`,
  store(g) { localStorage.setItem("__cmpconsent42", `${page.tc(Object.keys(g).filter((k) => g[k]).map(Number))}_`); localStorage.setItem("__cmpcc42", JSON.stringify(g)); },
  load() { return page.json("__cmpcc42"); },
  data() { return { consentstring: "x", gdprApplies: true, regulation: 1, purposeConsents: Object.fromEntries(this.cats.map(([k]) => [k, !!(cmp.granted && cmp.granted[k])])), vendorConsents: {}, purposeLI: {}, vendorLI: {} }; },
  api() {
    window.cmp_id = 42;
    window.__cmp = (command, arg, callback) => {
      const answers = { getCMPData: () => this.data(), consentStatus: () => ({ consentExists: !!cmp.granted, userChoiceExists: !!cmp.granted, consentData: null }), ping: () => ({ cmpLoaded: true }) };
      if (answers[command]) { const a = answers[command](); if (typeof callback === "function") callback(a, true); return a; }
      if (command === "setConsent") return cmp.choose(cmp.all(!!arg));
      if (command === "showScreenAdvanced") return cmp.settings();
      return undefined;
    };
  },
};

PLATFORMS.iubenda = {
  cats: [["2", "Functionality", "f"], ["4", "Measurement", "a"], ["5", "Marketing", "m"]], float: true,
  first: `<div id="iubenda-cs-banner" role="alertdialog"><p>Notice: ${TEXT}</p><button class="iubenda-cs-customize-btn" data-act="settings">Learn more and customize</button><button class="iubenda-cs-reject-btn" data-act="reject">Reject</button><button class="iubenda-cs-accept-btn" data-act="accept">Accept</button></div>`,
  second: (on) => `<div class="iubenda-cs-purposes" role="dialog"><p>Your consent preferences for tracking technologies</p><div class="purposes-item">${boxes()(on)}</div><button id="iubFooterBtn" data-act="save">Save and continue</button></div>`,
  back: `<button class="float iubenda-tp-btn" aria-label="Your consent preferences for tracking technologies"></button>`,
  store(g) { page.cookie("_iub_cs-31415926", encodeURIComponent(JSON.stringify({ timestamp: new Date().toISOString(), version: "1.60.0", purposes: { 1: true, ...g }, id: 31415926, cons: { rand: "x" } }))); },
  load() { const c = page.read("_iub_cs-31415926"); if (!c) return null; const { 1: _, ...g } = JSON.parse(decodeURIComponent(c)).purposes; return g; },
  api() {
    window._iub = { csConfiguration: { siteId: 1, cookiePolicyId: 31415926, perPurposeConsent: true, purposes: "1,2,4,5" }, cs: {
      get consent() { return cmp.granted ? { purposes: { 1: true, ...cmp.granted } } : {}; },
      api: { openPreferences: () => cmp.settings(), reject: () => cmp.choose(cmp.all(false)), isCcpaOptedOut: () => false } } };
  },
};

PLATFORMS.termly = {
  cats: [["performance", "Performance and Functionality", "a"], ["analytics", "Analytics and Customization", "a"], ["advertising", "Advertising", "m"]],
  wrap: { id: "termly-code-snippet-support" },
  first: `<div class="t-consentPrompt" role="alertdialog"><p>${TEXT}</p><button class="t-preference-button" data-act="settings">Preferences</button><button data-tid="banner-decline" data-act="reject">Decline</button><button data-tid="banner-accept" data-act="accept">Accept</button></div>`,
  second: (on) => `<div class="t-preference-modal" role="dialog"><p>Privacy Preference Center: cookies by category.</p>${boxes()(on)}<button class="t-saveButton" data-act="save">Save Preferences</button></div>`,
  back: `<a href="#" class="termly-display-preferences">Consent Preferences</a>`,
  store(g) { localStorage.setItem("TERMLY_API_CACHE", JSON.stringify({ TERMLY_COOKIE_CONSENT: { value: { essential: true, ...g } } })); },
  load() { const c = page.json("TERMLY_API_CACHE"); if (!c) return null; const { essential: _, ...g } = c.TERMLY_COOKIE_CONSENT.value; return g; },
  api() {
    window.Termly = { getConsentState: () => (cmp.granted ? { essential: true, ...cmp.granted } : undefined) };
    window.displayPreferenceModal = () => cmp.settings();
  },
};

PLATFORMS.complianz = {
  cats: [["preferences", "Preferences", "f"], ["statistics", "Statistics", "a"], ["marketing", "Marketing", "m"]],
  wrap: { id: "cmplz-cookiebanner-container" }, float: true,
  first: `<div class="cmplz-cookiebanner" role="dialog"><p>${TEXT}</p><button class="cmplz-btn cmplz-accept" data-act="accept">Accept</button><button class="cmplz-btn cmplz-deny" data-act="reject">Deny</button><button class="cmplz-btn cmplz-view-preferences" data-act="settings">View preferences</button></div>`,
  second: (on) => `<div class="cmplz-cookiebanner" role="dialog"><p>Manage consent for cookies.</p>${boxes('class="cmplz-consent-checkbox"')(on)}<button class="cmplz-btn cmplz-save-preferences" data-act="save">Save preferences</button></div>`,
  back: `<button class="float cmplz-manage-consent" style="width:auto">Manage consent</button>`,
  store(g) { page.cookie("cmplz_functional", "allow"); for (const [k, v] of Object.entries(g)) page.cookie(`cmplz_${k}`, v ? "allow" : "deny"); page.cookie("cmplz_banner-status", "dismissed"); },
  load() { return page.read("cmplz_banner-status") ? Object.fromEntries(this.cats.map(([k]) => [k, page.read(`cmplz_${k}`) === "allow"])) : null; },
  api() {
    window.complianz = { region: "us", consenttype: "optin" };
    window.cmplz_has_consent = (cat) => cat === "functional" || !!(cmp.granted && cmp.granted[cat]);
    window.cmplz_set_banner_status = (s) => (s === "show" ? cmp.settings() : cmp.close());
    window.cmplz_accept_all = () => cmp.choose(cmp.all(true));
    window.cmplz_deny_all = () => cmp.choose(cmp.all(false));
    window.cmplz_set_consent = (cat, v) => cmp.choose({ ...(cmp.granted || cmp.all(false)), [cat]: v === "allow" });
  },
};

PLATFORMS.ketch = {
  cats: [["functional", "Functional", "f"], ["analytics", "Analytics", "a"], ["targeted_advertising", "Targeted Advertising", "m"]],
  wrap: { id: "lanyard_root" },
  first: `<div id="ketch-banner" role="dialog"><p>${TEXT}</p><button id="ketch-banner-button-secondary" aria-label="Customize" data-act="settings">Customize</button><button aria-label="Reject All" data-act="reject">Reject All</button><button id="ketch-banner-button-primary" aria-label="Accept All" data-act="accept">Accept All</button></div>`,
  second: (on) => `<div id="ketch-preferences" role="dialog"><p>Privacy Preferences: cookies and purposes.</p>${switches(on)}<button data-act="save">Save Choices</button></div>`,
  back: `<a href="#">Your Privacy Choices</a>`,
  store(g) { localStorage.setItem("_ketch_consent_v1_", btoa(JSON.stringify(Object.fromEntries(Object.entries(g).map(([k, v]) => [k, { status: v ? "granted" : "denied" }]))))); },
  load() { const c = localStorage.getItem("_ketch_consent_v1_"); return c ? Object.fromEntries(Object.entries(JSON.parse(atob(c))).map(([k, v]) => [k, v.status === "granted"])) : null; },
  api() {
    window.ketch = (command, callback) => {
      if (command === "getConsent") setTimeout(() => callback({ purposes: { essential: true, ...(cmp.granted || cmp.all(false)) }, protocols: {} }), 20);
      if (command === "getConfig") callback({ organization: { code: "glass" }, jurisdiction: { code: "us_ca" }, purposes: this.cats.map(([code, name]) => ({ code, name, legalBasisCode: "consent_optin", requiresOptIn: true })) });
      if (command === "showPreferences") cmp.settings();
      if (command === "setConsent") cmp.choose(callback.purposes);
    };
  },
};

PLATFORMS.cookiehub = {
  cats: [["preferences", "Preferences", "f"], ["analytics", "Analytical Cookies", "a"], ["marketing", "Marketing Cookies", "m"]],
  wrap: { className: "ch2-container" }, float: true,
  first: `<div class="ch2-dialog" role="dialog"><p>${TEXT}</p><button class="ch2-open-settings-btn" data-act="settings">Cookie settings</button><button class="ch2-deny-all-btn" data-act="reject">Deny all</button><button class="ch2-allow-all-btn" data-act="accept">Allow all cookies</button></div>`,
  second: (on) => `<div class="ch2-dialog ch2-settings ch2-visible" role="dialog"><p>Cookie settings by category.</p>${boxes()(on)}<button class="ch2-save-settings-btn" data-act="save">Save settings</button></div>`,
  back: `<button class="float ch2-icon" aria-label="Cookie settings"></button>`,
  store(g) { page.cookie("cookiehub", btoa(JSON.stringify({ answered: true, revision: 1, dnt: false, allowSale: true, implict: false, region: "", token: "x", timestamp: new Date().toISOString(), categories: [{ cid: 1, id: "necessary", value: true }, ...Object.entries(g).map(([k, value], i) => ({ cid: i + 2, id: k, value }))] }))); },
  load() { const c = page.read("cookiehub"); return c ? Object.fromEntries(JSON.parse(atob(c)).categories.filter((x) => x.id !== "necessary").map((x) => [x.id, x.value])) : null; },
  api() { window.cookiehub = { hasAnswered: () => !!cmp.granted, hasConsented: (k) => k === "necessary" || !!(cmp.granted && cmp.granted[k]), openSettings: () => cmp.settings(), openDialog: () => cmp.show() }; },
};

PLATFORMS.shopify = {
  cats: [["preferences", "Personalization", "f"], ["analytics", "Analytics", "a"], ["marketing", "Marketing", "m"]],
  first: `<div id="shopify-pc__banner" role="alertdialog"><h2>Cookie consent</h2><p>${TEXT}</p><button id="shopify-pc__banner__btn-manage-prefs" data-act="settings">Manage preferences</button><button id="shopify-pc__banner__btn-accept" data-act="accept">Accept</button><button id="shopify-pc__banner__btn-decline" data-act="reject">Decline</button></div>`,
  second: (on) => `<div id="shopify-pc__prefs" role="dialog"><p>Cookie preferences: you control your data.</p><label><input type="checkbox" checked disabled> Required cookies</label>${boxes()(on)}<button id="shopify-pc__prefs__header-save" data-act="save">Save my choices</button></div>`,
  back: `<a href="#">Cookie preferences</a>`,
  store(g) {
    const word = (v) => (v ? "1" : "0");
    page.cookie("_tracking_consent", encodeURIComponent(JSON.stringify({ con: { CMP: { a: word(g.analytics), m: word(g.marketing), p: word(g.preferences), s: "" } }, v: "2.1", region: "USCA", reg: "CCPA", purposes: { a: g.analytics, p: g.preferences, m: g.marketing, t: g.marketing }, display_banner: false, sale_of_data_region: true, consent_id: "x" })));
  },
  load() { const c = page.read("_tracking_consent"); if (!c) return null; const p = JSON.parse(decodeURIComponent(c)).purposes; return { preferences: p.p, analytics: p.a, marketing: p.m }; },
  api() {
    const yes = (k) => (cmp.granted ? (cmp.granted[k] ? "yes" : "no") : "");
    window.Shopify = { customerPrivacy: {
      currentVisitorConsent: () => ({ marketing: yes("marketing"), analytics: yes("analytics"), preferences: yes("preferences"), sale_of_data: yes("marketing") }),
      shouldShowBanner: () => !cmp.granted, getRegion: () => "USCA", saleOfDataRegion: () => true,
      setTrackingConsent: (c, done) => { cmp.choose({ preferences: !!c.preferences, analytics: !!c.analytics, marketing: !!c.marketing }); done(); } } };
    window.privacyBanner = { showPreferences: () => cmp.settings() };
  },
};

PLATFORMS.quantcast = {
  cats: [["1", "Store information on a device", "f"], ["9", "Understand audiences through statistics", "a"], ["4", "Use profiles to select personalised advertising", "m"]],
  wrap: { id: "qc-cmp2-container" },
  first: `<div id="qc-cmp2-ui" role="dialog"><p>We value your privacy. ${TEXT}</p><div class="qc-cmp2-summary-buttons"><button mode="secondary" data-act="settings">MORE OPTIONS</button><button mode="secondary" data-act="reject">DISAGREE</button><button mode="primary" data-act="accept">AGREE</button></div></div>`,
  second: (on) => `<div id="qc-cmp2-ui" role="dialog"><p class="qc-cmp2-consent-info">We value your privacy: purposes and partners.</p>${switches(on)}<button data-act="save">SAVE &amp; EXIT</button></div>`,
  back: `<a href="#">Privacy settings</a>`,
  store(g) { page.cookie("euconsent-v2", page.tc(Object.keys(g).filter((k) => g[k]).map(Number))); localStorage.setItem("_cmpRepromptHash", "x"); localStorage.setItem("qc_choice", Object.values(g).map(Number).join("")); },
  load() { const c = localStorage.getItem("qc_choice"); return c ? Object.fromEntries(this.cats.map(([k], i) => [k, c[i] === "1"])) : null; },
  api() {
    const told = [];
    const data = () => ({ tcString: page.read("euconsent-v2") || "", eventStatus: cmp.granted ? (cmp.sheet || cmp.bar ? "cmpuishown" : "useractioncomplete") : "cmpuishown", cmpId: 10, gdprApplies: true, cmpStatus: "loaded",
      purpose: { consents: Object.fromEntries(this.cats.map(([k]) => [k, !!(cmp.granted && cmp.granted[k])])), legitimateInterests: {} }, vendor: { consents: {} } });
    window.__tcfapi = (command, version, callback) => {
      if (command === "ping") callback({ gdprApplies: true, cmpLoaded: true, cmpStatus: "loaded", displayStatus: cmp.bar ? "visible" : "hidden", apiVersion: "2", cmpId: 10 });
      // Deprecated since TCF 2.2, and not there: a reader must listen.
      if (command === "addEventListener") { told.push(callback); callback({ ...data(), listenerId: told.length }, true); }
      if (command === "removeEventListener") callback(true);
      if (command === "displayConsentUi") cmp.settings();
    };
    this.changed = () => told.forEach((f, i) => f({ ...data(), listenerId: i + 1 }, true));
  },
};
