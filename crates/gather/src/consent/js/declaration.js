// What consent platforms declare: categories, their defaults, and what is said to be in each. Read from the objects that the
// platforms put into the page; nothing is called that acts. Each platform stands alone.
(async () => {
  const w = window, out = [];
  const word = (v, most = 200) => (v === undefined || v === null || typeof v === "object" || typeof v === "function" ? undefined : String(v).slice(0, most));
  const list = (v, most = 400) => (Array.isArray(v) ? v : v && typeof v[Symbol.iterator] === "function" && typeof v !== "string" ? [...v] : []).slice(0, most);
  const cookie = (name, host) => (name === undefined || name === null ? null : { name: name instanceof RegExp ? String(name).slice(0, 200) : word(name), host: word(host) || null });
  const category = (c) => ({ id: word(c.id) || "", name: word(c.name) || word(c.id) || "", default: c.default || "", cookies: list(c.cookies).map((x) => x && (x.name instanceof RegExp || typeof x === "string" ? cookie(x.name || x) : cookie(x.name, x.host))).filter((x) => x && x.name), hosts: list(c.hosts).map((h) => word(h)).filter(Boolean), services: list(c.services).map((s) => word(s)).filter(Boolean) });
  const add = (platform, d) => { if (d && d.categories && d.categories.length) out.push({ platform, from: "page", model: word(d.model) || null, region: word(d.region) || null, version: word(d.version) || null, rules: [], categories: d.categories.slice(0, 60).map(category) }); };
  const when = async (f) => { try { await f(); } catch { /* not there */ } };
  const soon = (p) => Promise.race([p, new Promise((done) => setTimeout(() => done(null), 1500))]);
  // Groups items under a key, in the order in which the keys come.
  const grouped = (items, key) => { const m = new Map(); for (const i of items) { const k = key(i); if (!m.has(k)) m.set(k, []); m.get(k).push(i); } return [...m]; };

  await when(() => {
    const d = w.OneTrust && w.OneTrust.GetDomainData && w.OneTrust.GetDomainData();
    const status = (s) => (/always active/i.test(s) ? "always" : /^active/i.test(s) ? "on" : /inactive/i.test(s) ? "off" : "");
    const rule = w.otStubData && w.otStubData.regionRule;
    add("OneTrust", d && {
      model: d.ConsentModel && d.ConsentModel.Name, region: rule && rule.Name, version: w.otStubData && w.otStubData.domainData && w.otStubData.domainData.Version,
      categories: list(d.Groups, 60).map((g) => ({
        id: g.CustomGroupId || g.OptanonGroupId, name: g.GroupName, default: status(word(g.Status) || ""),
        cookies: [...list(g.FirstPartyCookies), ...list(g.Cookies), ...list(g.Hosts).flatMap((h) => list(h.Cookies).map((c) => ({ ...c, Host: c.Host || h.HostName })))].map((c) => ({ name: c.Name, host: c.Host })),
        hosts: list(g.Hosts).map((h) => h.HostName), services: list(g.GeneralVendorsIds),
      })),
    });
  });
  await when(() => {
    const t = w.CookieConsentDialog;
    const rows = (x) => list(x).map((r) => ({ name: r[0], host: word(r[1]) }));
    add("Cookiebot", t && t.cookieTableNecessary && {
      categories: [["necessary", "Necessary", "always", t.cookieTableNecessary], ["preferences", "Preferences", "", t.cookieTablePreference], ["statistics", "Statistics", "", t.cookieTableStatistics], ["marketing", "Marketing", "", t.cookieTableAdvertising], ["unclassified", "Unclassified", "", t.cookieTableUnclassified]]
        .map(([id, name, d, table]) => ({ id, name, default: d, cookies: rows(table) })),
    });
  });
  await when(() => {
    const s = w.UC_UI && w.UC_UI.getServicesBaseInfo && list(w.UC_UI.getServicesBaseInfo(), 1000);
    add("Usercentrics", s && { categories: grouped(s, (x) => x.categorySlug || "other").map(([id, all]) => ({ id, default: all.every((x) => x.isEssential) ? "always" : "", services: all.map((x) => x.name), cookies: all.flatMap((x) => list(x.cookies)).map((c) => ({ name: c.identifier || c.name, host: c.domain })) })) });
  });
  await when(async () => {
    const d = w.__ucCmp && w.__ucCmp.getConsentDetails && await soon(w.__ucCmp.getConsentDetails());
    add("Usercentrics", d && { categories: grouped(Object.values(d.services || {}).slice(0, 1000), (x) => x.category || "other").map(([id, all]) => ({ id, default: all.every((x) => x.essential) ? "always" : "", services: all.map((x) => x.name) })) });
  });
  await when(() => {
    const d = w.Didomi;
    if (!d || !d.getRequiredPurposes) return;
    const config = (d.getConfig && d.getConfig()) || {}, essential = list(config.app && config.app.essentialPurposes);
    const vendors = d.getRequiredVendors ? list(d.getRequiredVendors(), 1000) : [];
    add("Didomi", { categories: list(d.getRequiredPurposes(), 60).map((p) => ({ id: p.id, name: p.name, default: essential.includes(p.id) ? "always" : "off", services: vendors.filter((v) => list(v.purposeIds).includes(p.id)).map((v) => v.name) })) });
  });
  await when(() => {
    const m = w.klaro && w.klaro.getManager && w.klaro.getManager(), c = (m && m.config) || (w.orejime && w.orejime.config);
    const services = c && list(c.services || c.apps, 300);
    add(m ? "Klaro" : "Orejime", services && {
      version: c.version,
      categories: grouped(services, (s) => (s.purposes && s.purposes[0]) || s.purpose || "other").map(([id, all]) => ({
        id, default: all.every((s) => s.required || c.required) ? "always" : all.some((s) => s.default || c.default) ? "on" : "off",
        services: all.map((s) => s.title || s.name), cookies: all.flatMap((s) => list(s.cookies)).map((x) => (Array.isArray(x) ? { name: x[0], host: x[2] } : { name: x })),
      })),
    });
  });
  await when(() => {
    const c = w.CookieConsent && w.CookieConsent.getConfig && w.CookieConsent.getConfig("categories");
    add("vanilla-cookieconsent", c && {
      version: w.CookieConsent.getConfig("revision"), model: w.CookieConsent.getConfig("mode"),
      categories: Object.entries(c).map(([id, x]) => ({ id, default: x.readOnly && x.enabled ? "always" : x.enabled ? "on" : "off", cookies: list(x.autoClear && x.autoClear.cookies).map((k) => ({ name: k.name, host: k.domain })), services: Object.entries(x.services || {}).map(([k, s]) => s.label || k) })),
    });
  });
  await when(() => {
    const t = w.tarteaucitron;
    if (!t || !t.job) return;
    const jobs = list(t.job).map((k) => t.services[k]).filter(Boolean);
    add("tarteaucitron", { categories: grouped(jobs, (s) => s.type || "other").map(([id, all]) => ({ id, default: all.every((s) => s.needConsent === false) ? "always" : "off", services: all.map((s) => s.name), cookies: all.flatMap((s) => list(s.cookies)).map((name) => ({ name })) })) });
  });
  await when(() => {
    const c = w._ckyStore && list(w._ckyStore._categories, 60);
    add("CookieYes", c && c.length && { categories: c.map((x) => ({ id: x.slug, name: x.name, default: x.isNecessary ? "always" : "off", cookies: list(x.cookies).map((k) => ({ name: k.cookieID, host: k.domain })) })) });
  });
  await when(async () => {
    const c = typeof w.ketch === "function" && await soon(new Promise((done) => w.ketch("getConfig", done)));
    add("Ketch", c && { region: c.jurisdiction && (c.jurisdiction.code || c.jurisdiction), version: c.deployment && c.deployment.version, categories: list(c.purposes, 60).map((p) => ({ id: p.code, name: p.name, default: p.requiresOptIn ? "off" : p.allowsOptOut ? "on" : "always", cookies: list(p.cookies).map((k) => ({ name: k.name || k.code, host: k.host })), services: list(p.vendors).map((v) => v.name) })) });
  });
  await when(() => {
    const a = w.airgap, t = a && a.getPurposeTypes && a.getPurposeTypes();
    const regimes = a && a.getRegimes ? list(a.getRegimes()).join(", ") : undefined;
    add("Transcend", t && { region: regimes, categories: [...(t.Essential ? [] : [["Essential", { name: "Essential", essential: true }]]), ...Object.entries(t)].map(([id, p]) => ({ id, name: p.name, default: p.essential || p.configurable === false ? "always" : p.defaultConsent === true || /^(on|auto)$/i.test(p.defaultConsent) ? "on" : "off" })) });
  });
  await when(() => {
    const c = w._iub && w._iub.csConfiguration, names = { 1: "Necessary", 2: "Functionality", 3: "Experience", 4: "Measurement", 5: "Marketing" };
    add("iubenda", c && c.purposes && { version: c.cookiePolicyId, categories: String(c.purposes).split(",").map((id) => ({ id, name: names[id.trim()] || id, default: id.trim() === "1" ? "always" : "off" })) });
  });
  return out.slice(0, 8);
})()
