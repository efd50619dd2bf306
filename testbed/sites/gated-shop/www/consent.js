// vanilla-cookieconsent's settings.
CookieConsent.run({
  categories: { necessary: { enabled: true, readOnly: true }, analytics: {}, marketing: {} },
  language: {
    default: "en",
    translations: {
      en: {
        consentModal: {
          title: "Cookies?",
          description: "We would like to use some. You decide.",
          acceptAllBtn: "Accept all",
          acceptNecessaryBtn: "Reject all",
          showPreferencesBtn: "Manage preferences"
        },
        preferencesModal: {
          title: "Preferences",
          acceptAllBtn: "Accept all",
          acceptNecessaryBtn: "Reject all",
          savePreferencesBtn: "Save",
          sections: [{ title: "Necessary", linkedCategory: "necessary" }, { title: "Analytics", linkedCategory: "analytics" }, { title: "Marketing", linkedCategory: "marketing" }]
        }
      }
    }
  }
});
