// What consent platforms say of themselves: read-only calls in the page's own world. Each answer stands alone.
(() => {
  const out = {};
  const plain = (v) => JSON.parse(JSON.stringify(v ?? null, (_, x) => typeof x === "function" ? undefined : x instanceof Map ? Object.fromEntries(x) : x instanceof Set ? [...x] : x));
  const ask = (name, f) => { try { const v = f(); if (v !== undefined && v !== null) { const p = plain(v); if (JSON.stringify(p).length < 50000) out[name] = p; } } catch { /* not there */ } };
  const w = window;
  ask("klaro", () => { const m = w.klaro && w.klaro.getManager && w.klaro.getManager(); return m && { confirmed: m.confirmed, consents: m.consents, required: m.config.services.filter((s) => s.required).map((s) => s.name) }; });
  ask("vanilla-cookieconsent", () => { const c = w.CookieConsent; return c && c.getUserPreferences && { valid: c.validConsent(), ...c.getUserPreferences() }; });
  ask("tarteaucitron", () => w.tarteaucitron && w.tarteaucitron.state && { state: w.tarteaucitron.state, job: w.tarteaucitron.job });
  ask("onetrust", () => w.OnetrustActiveGroups !== undefined && { active: w.OnetrustActiveGroups, closed: w.OneTrust && w.OneTrust.IsAlertBoxClosed && w.OneTrust.IsAlertBoxClosed() } || undefined);
  ask("cookiebot", () => w.Cookiebot && { consent: w.Cookiebot.consent, hasResponse: w.Cookiebot.hasResponse, consented: w.Cookiebot.consented, declined: w.Cookiebot.declined });
  ask("usercentrics", () => w.UC_UI && w.UC_UI.areAllConsentsAccepted && { all: w.UC_UI.areAllConsentsAccepted(), services: w.UC_UI.getServicesBaseInfo && w.UC_UI.getServicesBaseInfo().map((s) => ({ name: s.name, essential: s.isEssential, given: s.consent && s.consent.status })) });
  ask("didomi", () => w.Didomi && w.Didomi.getCurrentUserStatus && w.Didomi.getCurrentUserStatus());
  ask("cookieyes", () => w.getCkyConsent && w.getCkyConsent());
  ask("osano", () => w.Osano && w.Osano.cm && w.Osano.cm.getConsent && w.Osano.cm.getConsent());
  ask("termly", () => w.Termly && w.Termly.getConsentState && w.Termly.getConsentState());
  ask("orejime", () => { const m = w.orejime && (w.orejime.manager || (w.orejime.internals && w.orejime.internals.manager)); return m && { confirmed: m.confirmed, consents: m.consents }; });
  ask("google-consent-mode", () => w.google_tag_data && w.google_tag_data.ics && w.google_tag_data.ics.entries);
  ask("usp", () => { let r; if (typeof w.__uspapi === "function") w.__uspapi("getUSPData", 1, (d) => { r = d; }); return r; });
  ask("tcf", () => { let r; if (typeof w.__tcfapi === "function") w.__tcfapi("getTCData", 2, (d, ok) => { if (ok) r = { tcString: d.tcString, eventStatus: d.eventStatus, cmpId: d.cmpId, gdprApplies: d.gdprApplies, purpose: d.purpose }; }); return r; });
  ask("gpp", () => { let r; if (typeof w.__gpp === "function") w.__gpp("ping", (d) => { r = d; }); return r; });
  try {
    const named = /consent|cookie|klaro|gdpr|ccpa|privacy|uc_|usercentrics|didomi|_sp_|cmp|tcf|gpp|orejime|c15t/i;
    // Whatever the name: a short value that speaks of purposes, and answers.
    const speaks = (v) => v && v.length < 8192 && /necessary|essential|analytic|statisti|marketing|advertis|functional/i.test(v) && /true|false|[01]|allow|den(y|ied)|grant/i.test(v);
    const keys = Object.keys(localStorage).filter((k) => named.test(k) || speaks(localStorage.getItem(k))).slice(0, 40);
    for (const k of keys) out["local:" + k.slice(0, 200)] = String(localStorage.getItem(k)).slice(0, 20000);
  } catch { /* storage refused */ }
  return out;
})()
