// What consent platforms let a page do through their own public interface, for what cannot be clicked: opening the
// preferences again, and as a last resort answering. Runs in the page's own world. Each is as its vendor documents it.
((op, granted) => {
  const w = window;
  const g = granted || {};
  const table = [
    ["OneTrust", () => w.OneTrust && w.OneTrust.ToggleInfoDisplay, { reopen: () => w.OneTrust.ToggleInfoDisplay(), reject: () => w.OneTrust.RejectAll(), accept: () => w.OneTrust.AllowAll() }],
    ["Cookiebot", () => w.Cookiebot && w.Cookiebot.renew, { reopen: () => w.Cookiebot.renew(), reject: () => { w.Cookiebot.submitCustomConsent(false, false, false); w.Cookiebot.hide && w.Cookiebot.hide(); }, accept: () => w.Cookiebot.submitCustomConsent(true, true, true), custom: () => w.Cookiebot.submitCustomConsent(!!g.functional, !!g.analytics, !!g.advertising) }],
    ["Usercentrics", () => w.__ucCmp && w.__ucCmp.showSecondLayer, { reopen: () => w.__ucCmp.showSecondLayer(), reject: () => w.__ucCmp.denyAllConsents(), accept: () => w.__ucCmp.acceptAllConsents() }],
    ["Usercentrics", () => w.UC_UI && w.UC_UI.showSecondLayer, { reopen: () => w.UC_UI.showSecondLayer(), reject: () => w.UC_UI.denyAllConsents(), accept: () => w.UC_UI.acceptAllConsents() }],
    ["Didomi", () => w.Didomi && w.Didomi.preferences, { reopen: () => w.Didomi.preferences.show(), reject: () => w.Didomi.setUserDisagreeToAll(), accept: () => w.Didomi.setUserAgreeToAll() }],
    ["TrustArc", () => w.truste && w.truste.eu && w.truste.eu.clickListener, { reopen: () => w.truste.eu.clickListener() }],
    ["Osano", () => w.Osano && w.Osano.cm && w.Osano.cm.showDrawer, { reopen: () => w.Osano.cm.showDrawer(), reject: () => w.Osano.cm.denyAll() }],
    ["CookieYes", () => w.revisitCkyConsent, { reopen: () => w.revisitCkyConsent(), reject: () => w.performBannerAction("reject"), accept: () => w.performBannerAction("accept_all") }],
    ["Ketch", () => typeof w.ketch === "function" && w.ketch, { reopen: () => w.ketch("showPreferences") }],
    ["Transcend", () => w.transcend && w.transcend.showConsentManager, { reopen: () => w.transcend.showConsentManager() }],
    ["Termly", () => w.displayPreferenceModal, { reopen: () => w.displayPreferenceModal() }],
    ["iubenda", () => w._iub && w._iub.cs && w._iub.cs.api && w._iub.cs.api.openPreferences, { reopen: () => w._iub.cs.api.openPreferences(), reject: () => w._iub.cs.api.reject() }],
    ["Complianz", () => w.cmplz_set_banner_status, { reopen: () => w.cmplz_set_banner_status("show"), reject: () => w.cmplz_deny_all(), accept: () => w.cmplz_accept_all(), custom: () => { for (const [c, p] of [["preferences", "functional"], ["statistics", "analytics"], ["marketing", "advertising"]]) w.cmplz_set_consent(c, g[p] ? "allow" : "deny"); } }],
    ["Axeptio", () => w.openAxeptioCookies, { reopen: () => w.openAxeptioCookies() }],
    ["CookieHub", () => w.cookiehub && w.cookiehub.openSettings, { reopen: () => w.cookiehub.openSettings() }],
    ["Shopify", () => w.privacyBanner && w.privacyBanner.showPreferences, { reopen: () => w.privacyBanner.showPreferences() }],
    ["Shopify", () => w.Shopify && w.Shopify.customerPrivacy && w.Shopify.customerPrivacy.setTrackingConsent, { reject: () => w.Shopify.customerPrivacy.setTrackingConsent({ analytics: false, marketing: false, preferences: false, sale_of_data: false }, () => {}), custom: () => w.Shopify.customerPrivacy.setTrackingConsent({ analytics: !!g.analytics, marketing: !!g.advertising, preferences: !!g.functional, sale_of_data: !!g.advertising }, () => {}) }],
    ["Klaro", () => w.klaro && w.klaro.getManager && w.klaro.show, { reopen: () => w.klaro.show(undefined, true), reject: () => { const m = w.klaro.getManager(); m.changeAll(false); m.saveAndApplyConsents(); } }],
    ["vanilla-cookieconsent", () => w.CookieConsent && w.CookieConsent.showPreferences, { reopen: () => w.CookieConsent.showPreferences(), reject: () => w.CookieConsent.acceptCategory([]) }],
    ["tarteaucitron", () => w.tarteaucitron && w.tarteaucitron.userInterface, { reopen: () => w.tarteaucitron.userInterface.openPanel(), reject: () => w.tarteaucitron.userInterface.respondAll(false) }],
    ["Orejime", () => w.orejime && w.orejime.prompt, { reopen: () => w.orejime.prompt() }],
    ["Sourcepoint", () => w._sp_ && w._sp_.gdpr && w._sp_.gdpr.loadPrivacyManagerModal && w._sp_.config && (w._sp_.config.gdpr || {}).privacyManagerId, { reopen: () => w._sp_.gdpr.loadPrivacyManagerModal(w._sp_.config.gdpr.privacyManagerId) }],
    ["consentmanager", () => typeof w.__cmp === "function" && w.cmp_id, { reopen: () => w.__cmp("showScreenAdvanced"), reject: () => w.__cmp("setConsent", 0), accept: () => w.__cmp("setConsent", 1) }],
    ["a TCF platform", () => typeof w.__tcfapi === "function" && w.__tcfapi, { reopen: () => w.__tcfapi("displayConsentUi", 2, () => {}) }],
  ];
  for (const [name, here, ops] of table) {
    let there = false;
    try { there = !!here(); } catch { /* not there */ }
    if (!there || !ops[op]) continue;
    try { ops[op](); return { platform: name }; } catch (e) { return { platform: name, error: String(e).slice(0, 200) }; }
  }
  return null;
})