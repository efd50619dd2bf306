// Real consent platforms (vanilla-cookieconsent, Klaro, tarteaucitron) around one failure each. The pixel is a stand-in of Meta's.
"use strict";
(() => {
  const variant = location.pathname.split("/")[1], second = location.pathname.endsWith("/two");
  const is = (...names) => names.includes(variant);
  document.getElementById("text").innerHTML = Array.from({ length: 24 }, (_, i) =>
    `<p>Hinge number ${i + 1} opens one way, and closes the other, and has done so since it was hung.</p>`).join("");
  const script = (src, done) => document.head.append(Object.assign(document.createElement("script"), { src, onload: done || null }));
  const pixel = () => {
    if (window.fbq) return;
    window.fbq = function () { window.fbq.queue.push(arguments); };
    window.fbq.queue = [];
    window.fbq("init", "200300400500601");
    window.fbq("track", "PageView");
    script("https://connect.facebook.net/en_US/fbevents.js");
  };

  // The failures, apart from what the platform is told below.
  if (is("ignored")) addEventListener("scroll", () => { if (scrollY > 150) pixel(); });
  if (is("gpc")) pixel();
  if (is("any-answer") && second && /cc_cookie=/.test(document.cookie)) pixel();
  if (is("opted-out") && localStorage.getItem("pixel")) pixel();

  if (is("dismissed")) {
    // tarteaucitron with its X, which the site takes for a yes.
    window.tarteaucitronForceLanguage = "en";
    script("/tarteaucitron/tarteaucitron.js", () => {
      tarteaucitron.init({ privacyUrl: "", hashtag: "#tarteaucitron", cookieName: "tarteaucitron", orientation: "bottom", showAlertSmall: false, cookieslist: false, adblocker: false, DenyAllCta: true, AcceptAllCta: true, highPrivacy: true, handleBrowserDNTRequest: false, removeCredit: true, moreInfoLink: false, mandatory: false, closePopup: true, showIcon: true, useExternalCss: false, googleConsentMode: false, bingConsentMode: false, pianoConsentMode: false });
      (tarteaucitron.job = tarteaucitron.job || []).push("youtube");
      addEventListener("click", (e) => { if (e.target.closest("#tarteaucitronCloseCross")) { sessionStorage.setItem("closed", "1"); pixel(); } }, true);
      if (sessionStorage.getItem("closed")) pixel();
    });
    document.getElementById("again").onclick = () => tarteaucitron.userInterface.openPanel();
    return;
  }
  if (is("opted-out")) {
    // Klaro: the site remembers by itself that it may send, and never forgets.
    window.klaroConfig = {
      storageMethod: "cookie", default: false, acceptAll: true, translations: { en: { purposes: { marketing: "Marketing" } } },
      services: [{ name: "meta", title: "Meta Pixel", purposes: ["marketing"], cookies: ["_fbp"], callback: (granted) => { if (granted) { localStorage.setItem("pixel", "1"); pixel(); } } }],
    };
    script("/klaro.js");
    document.getElementById("again").onclick = () => window.klaro.show();
    return;
  }
  if (is("two")) {
    // Two platforms at once: the second one asks for something of its own.
    window.klaroConfig = {
      storageMethod: "cookie", default: false, acceptAll: true, translations: { en: { purposes: { analytics: "Analytics" } } },
      services: [{ name: "mixpanel", title: "Mixpanel", purposes: ["analytics"], cookies: [/^mp_/], callback: (granted) => { if (granted) script("https://cdn.mxpnl.com/libs/mixpanel-2-latest.min.js"); } }],
    };
    script("/klaro.js");
  }
  script("/vanilla.js", () => {
    const granted = () => { if (CookieConsent.acceptedCategory("marketing")) pixel(); };
    const necessary = { enabled: true, readOnly: true };
    // The pixel is filed where nobody can refuse it.
    if (is("category")) Object.assign(necessary, { autoClear: { cookies: [{ name: "_fbp" }] }, services: { meta: { label: "Meta Pixel", onAccept: pixel } } });
    CookieConsent.run({
      // The second page has another revision of the configuration: the answer of the first one does not count there.
      revision: is("asks-again") && second ? 2 : 1,
      categories: { necessary, marketing: is("category") ? {} : { autoClear: { cookies: [{ name: "_fbp" }, { name: "fr", domain: "facebook.com" }], reloadPage: true } } },
      onConsent: granted, onChange: granted,
      language: { default: "en", translations: { en: {
        consentModal: { title: "Cookies?", description: "We would like to use some, also for advertising. You decide.", acceptAllBtn: "Accept all", acceptNecessaryBtn: "Reject all", showPreferencesBtn: "Manage preferences" },
        preferencesModal: { title: "Cookie preferences", acceptAllBtn: "Accept all", acceptNecessaryBtn: "Reject all", savePreferencesBtn: "Save", sections: [{ title: "Necessary", linkedCategory: "necessary" }, { title: "Marketing", linkedCategory: "marketing" }] },
      } } },
    });
    if (is("category")) pixel();
    document.getElementById("again").onclick = () => CookieConsent.showPreferences();
  });
})();
