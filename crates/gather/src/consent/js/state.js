// What consent platforms say of themselves: read-only calls in the page's own world. Each answer stands alone.
(async () => {
  const out = {}, waiting = [];
  const plain = (v) => JSON.parse(JSON.stringify(v ?? null, (_, x) => typeof x === "function" ? undefined : x instanceof Map ? Object.fromEntries(x) : x instanceof Set ? [...x] : x));
  const ask = (name, f) => { try { const v = f(); if (v !== undefined && v !== null) { const p = plain(v); if (JSON.stringify(p).length < 50000) out[name] = p; } } catch { /* not there */ } };
  // Some answer later, by a promise or a callback: each gets a moment.
  const later = (name, f) => {
    const told = new Promise((done) => { try { const p = f(done); if (p && p.then) p.then(done, () => done(null)); else if (p === null) done(null); } catch { done(null); } });
    const moment = new Promise((done) => setTimeout(() => done(null), 1500));
    waiting.push(Promise.race([told, moment]).then((v) => ask(name, () => v)));
  };
  const w = window;
  ask("klaro", () => { const m = w.klaro && w.klaro.getManager && w.klaro.getManager(); return m && { confirmed: m.confirmed, consents: m.consents, required: m.config.services.filter((s) => s.required).map((s) => s.name) }; });
  ask("vanilla-cookieconsent", () => { const c = w.CookieConsent; return c && c.getUserPreferences && { valid: c.validConsent(), ...c.getUserPreferences() }; });
  ask("tarteaucitron", () => w.tarteaucitron && w.tarteaucitron.state && { state: w.tarteaucitron.state, job: w.tarteaucitron.job });
  ask("onetrust", () => {
    if (w.OnetrustActiveGroups === undefined) return undefined;
    const o = w.OneTrust || {}, data = o.GetDomainData && o.GetDomainData();
    const groups = data && data.Groups && data.Groups.slice(0, 60).map((g) => ({ id: g.CustomGroupId || g.OptanonGroupId, name: g.GroupName, status: g.Status }));
    return { active: w.OnetrustActiveGroups, closed: o.IsAlertBoxClosed && o.IsAlertBoxClosed(), groups };
  });
  ask("cookiebot", () => w.Cookiebot && { consent: w.Cookiebot.consent, hasResponse: w.Cookiebot.hasResponse, consented: w.Cookiebot.consented, declined: w.Cookiebot.declined });
  ask("usercentrics", () => w.UC_UI && w.UC_UI.areAllConsentsAccepted && { interacted: localStorage.getItem("uc_user_interaction") === "true", all: w.UC_UI.areAllConsentsAccepted(), services: w.UC_UI.getServicesBaseInfo && w.UC_UI.getServicesBaseInfo().map((s) => ({ name: s.name, category: s.categorySlug, essential: s.isEssential, given: s.consent && s.consent.status })) });
  later("usercentrics-3", () => (w.__ucCmp && w.__ucCmp.getConsentDetails ? w.__ucCmp.getConsentDetails().then((d) => ({ consent: d.consent, services: Object.values(d.services || {}).slice(0, 200).map((s) => ({ name: s.name, category: s.category, essential: s.essential, given: s.consent && s.consent.given })) })) : null));
  ask("trustarc", () => w.truste && w.truste.cma && w.truste.cma.callApi && w.truste.cma.callApi("getConsentDecision", location.hostname));
  later("sourcepoint", (done) => { const s = w._sp_ && [w._sp_.gdpr, w._sp_.usnat, w._sp_.ccpa].find((x) => x && x.getUserConsents); if (!s) return null; s.getUserConsents((d) => done(d)); });
  later("ketch", (done) => { if (typeof w.ketch !== "function") return null; w.ketch("getConsent", (d) => done(d)); });
  ask("transcend", () => w.airgap && w.airgap.getConsent && w.airgap.getConsent());
  ask("iubenda", () => w._iub && w._iub.cs && w._iub.cs.consent);
  ask("complianz", () => w.cmplz_has_consent && { preferences: w.cmplz_has_consent("preferences"), statistics: w.cmplz_has_consent("statistics"), marketing: w.cmplz_has_consent("marketing"), answered: /(?:^|; )cmplz_banner-status=dismissed/.test(document.cookie) });
  ask("consentmanager", () => { if (typeof w.__cmp !== "function") return undefined; const d = w.__cmp("getCMPData"), s = w.__cmp("consentStatus"); return d && { purposes: d.purposeConsents, vendors: d.vendorConsents, chosen: s && s.userChoiceExists }; });
  ask("cookiehub", () => w.cookiehub && w.cookiehub.hasConsented && { answered: w.cookiehub.hasAnswered(), preferences: w.cookiehub.hasConsented("preferences"), analytics: w.cookiehub.hasConsented("analytics"), marketing: w.cookiehub.hasConsented("marketing") });
  ask("shopify", () => w.Shopify && w.Shopify.customerPrivacy && w.Shopify.customerPrivacy.currentVisitorConsent && w.Shopify.customerPrivacy.currentVisitorConsent());
  // Consent mode's commands in the order in which they were given; arguments objects, as gtag pushes them.
  const commands = (list) => Array.isArray(list) ? list.filter((x) => x && x[0] === "consent").slice(0, 40).map((x) => [x[1], x[2]]) : [];
  ask("google-consent-commands", () => { const c = commands(w.dataLayer); return c.length ? c : undefined; });
  ask("microsoft-consent-commands", () => { const q = w.uetq, c = []; if (Array.isArray(q)) q.forEach((x, i) => { if (x === "consent") c.push([q[i + 1], q[i + 2]]); }); return c.length ? c : undefined; });
  ask("meta-consent-commands", () => { const c = w.fbq && w.fbq.queue ? [...w.fbq.queue].filter((x) => x && (x[0] === "consent" || x[0] === "dataProcessingOptions")).slice(0, 40).map((x) => [...x]) : []; return c.length ? c : undefined; });
  ask("didomi", () => w.Didomi && w.Didomi.getCurrentUserStatus && w.Didomi.getCurrentUserStatus());
  ask("cookieyes", () => w.getCkyConsent && w.getCkyConsent());
  ask("osano", () => w.Osano && w.Osano.cm && w.Osano.cm.getConsent && w.Osano.cm.getConsent());
  ask("termly", () => w.Termly && w.Termly.getConsentState && w.Termly.getConsentState());
  ask("orejime", () => { const m = w.orejime && (w.orejime.manager || (w.orejime.internals && w.orejime.internals.manager)); return m && { confirmed: m.confirmed, consents: m.consents }; });
  ask("google-consent-mode", () => w.google_tag_data && w.google_tag_data.ics && w.google_tag_data.ics.entries);
  ask("usp", () => { let r; if (typeof w.__uspapi === "function") w.__uspapi("getUSPData", 1, (d) => { r = d; }); return r; });
  // getTCData is deprecated, and some do not have it: then the event tells, once, and the listener is taken away.
  later("tcf", (done) => {
    if (typeof w.__tcfapi !== "function") return null;
    const tell = (d, ok) => {
      if (!ok || !d) return;
      done({ tcString: d.tcString, eventStatus: d.eventStatus, cmpId: d.cmpId, gdprApplies: d.gdprApplies, purpose: d.purpose });
      if (d.listenerId !== undefined && d.listenerId !== null) w.__tcfapi("removeEventListener", 2, () => {}, d.listenerId);
    };
    w.__tcfapi("getTCData", 2, tell);
    setTimeout(() => w.__tcfapi("addEventListener", 2, tell), 300);
  });
  ask("gpp", () => { let r; if (typeof w.__gpp === "function") w.__gpp("ping", (d) => { r = d; }); return r; });
  try {
    const named = /consent|cookie|klaro|gdpr|ccpa|privacy|uc_|ucdata|usercentrics|didomi|_sp_|cmp|tcf|gpp|orejime|c15t|termly/i;
    // Whatever the name: a short value that speaks of purposes, and answers.
    const speaks = (v) => v && v.length < 8192 && /necessary|essential|analytic|statisti|marketing|advertis|functional/i.test(v) && /true|false|[01]|allow|den(y|ied)|grant/i.test(v);
    const keys = Object.keys(localStorage).filter((k) => named.test(k) || speaks(localStorage.getItem(k))).slice(0, 40);
    for (const k of keys) out["local:" + k.slice(0, 200)] = String(localStorage.getItem(k)).slice(0, 20000);
  } catch { /* storage refused */ }
  await Promise.all(waiting);
  return out;
})()
