// Klaro's settings.
window.klaroConfig = {
  storageMethod: "cookie",
  default: false,
  acceptAll: true,
  translations: { en: { purposes: { analytics: "Analytics" } } },
  services: [{ name: "mixpanel", title: "Mixpanel", purposes: ["analytics"], cookies: [/^mp_/] }]
};
