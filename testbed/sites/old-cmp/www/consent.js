// The old Cookie Consent: it only shows and stores; gating is up to these callbacks.
function start() {
  window.mixpanel = window.mixpanel || [];
  mixpanel._i = [["9f8e7d6c5b4a39281706f5e4d3c2b1a0", { track_pageview: true, batch_requests: false, persistence: "cookie" }, "mixpanel"]];
  mixpanel.__SV = 1.2;
  window.dataLayer = window.dataLayer || [];
  window.gtag = function () { dataLayer.push(arguments); };
  gtag("js", new Date());
  gtag("config", "G-OLDCMP0001");
  ["https://cdn.mxpnl.com/libs/mixpanel-2-latest.min.js", "https://www.googletagmanager.com/gtag/js?id=G-OLDCMP0001"].forEach(function (src) {
    var script = document.createElement("script");
    script.async = true;
    script.src = src;
    document.head.appendChild(script);
  });
}

addEventListener("load", function () {
  cookieconsent.initialise({
    type: "opt-in",
    palette: { popup: { background: "#1f4f3f" }, button: { background: "#f4d35e" } },
    onInitialise: function (status) { if (this.hasConsented(status)) start(); },
    onStatusChange: function (status, before) { if (this.hasConsented(status) && !before) start(); }
  });
});
