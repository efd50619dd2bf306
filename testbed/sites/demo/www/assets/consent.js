// Consent for Fernhollow: Klaro's settings, and what the tag manager is told.
window.dataLayer = window.dataLayer || [];

function tellTagManager(manager) {
  if (manager.confirmed) window.dataLayer.push({ event: "consent_choice", consent: Object.assign({}, manager.consents) });
}

window.klaroConfig = {
  elementID: "klaro",
  storageMethod: "cookie",
  cookieName: "klaro",
  cookieExpiresAfterDays: 365,
  privacyPolicy: "/privacy",
  default: false,
  mustConsent: false,
  acceptAll: true,
  hideDeclineAll: false,
  translations: {
    en: {
      consentNotice: { description: "We would like to use analytics and advertising services. You decide: {purposes}." },
      purposes: { analytics: "Analytics", advertising: "Advertising" },
      meta: { description: "Measures our advertisements." },
      mixpanel: { description: "Shows us how the shop is used." },
      ga4: { description: "Counts visits." }
    }
  },
  services: [
    { name: "mixpanel", title: "Mixpanel", purposes: ["analytics"], cookies: [/^mp_.*$/] },
    { name: "ga4", title: "Google Analytics", purposes: ["analytics"], cookies: [/^_ga.*$/] },
    { name: "meta", title: "Meta Pixel", purposes: ["advertising"], cookies: ["_fbp"] }
  ]
};

addEventListener("DOMContentLoaded", function () {
  var manager = window.klaro.getManager();
  tellTagManager(manager);
  manager.watch({ update: function (source, name) { if (name === "saveConsents") tellTagManager(source); } });
  document.querySelectorAll("[data-cookie-settings]").forEach(function (link) {
    link.addEventListener("click", function (event) { event.preventDefault(); window.klaro.show(undefined, true); });
  });
});
