// Orejime's settings.
window.orejimeConfig = {
  privacyPolicyUrl: "/contact",
  cookie: { name: "orejime" },
  purposes: [
    { id: "amplitude", title: "Amplitude", description: "Session replay.", cookies: [/^AMP/] },
    { id: "tiktok", title: "TikTok", description: "Advertising.", cookies: ["_ttp"] }
  ]
};
