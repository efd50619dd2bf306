// Starts everything, asks nobody.
Sentry.init({
  dsn: "https://0f1e2d3c4b5a69788796a5b4c3d2e1f0@o42.ingest.us.sentry.io/4242",
  integrations: [Sentry.replayIntegration({ minReplayDuration: 500, flushMinDelay: 500, flushMaxDelay: 1000, useCompression: false })],
  replaysSessionSampleRate: 1.0
});

LogRocket.init("ledgerloom/shop");

snowplowBrowserTracking.newTracker("sp", "https://sp.no-banner.test", {
  appId: "ledger-loom",
  bufferSize: 1,
  plugins: [snowplowFormTracking.FormTrackingPlugin()]
});
snowplowBrowserTracking.trackPageView();
snowplowFormTracking.enableFormTracking();

window.analytics = window.analytics || [];
analytics.initialize = false;
analytics.invoked = true;
analytics._writeKey = "testbedwritekey";
analytics._cdn = "https://cdn.segment.com";
analytics._loadOptions = {};
analytics.push(["page"]);
(function () {
  var script = document.createElement("script");
  script.async = true;
  script.src = "https://cdn.segment.com/analytics.js/v1/testbedwritekey/analytics.min.js";
  document.head.appendChild(script);
})();
