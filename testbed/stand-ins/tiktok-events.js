// STAND-IN, not TikTok's code. It imitates the public interface of the TikTok Pixel (analytics.tiktok.com/i18n/pixel/events.js) for the testbed of affiant:
// ttq commands, the _ttp cookie and a beacon to /api/v2/pixel.
// Written from public documentation; nothing was copied.
(function () {
  var pixel = new URL(document.currentScript.src).searchParams.get("sdkid");
  var domain = location.hostname.split(".").slice(-2).join(".");
  var found = document.cookie.match(/(?:^|; )_ttp=([^;]*)/);
  var visitor = found ? found[1] : crypto.randomUUID().replace(/-/g, "");
  document.cookie = "_ttp=" + visitor + "; domain=" + domain + "; path=/; max-age=33696000; SameSite=Lax";
  function send(name) {
    navigator.sendBeacon("https://analytics.tiktok.com/api/v2/pixel", JSON.stringify({
      event: name, event_id: "", message_id: "messageId-" + Date.now(), timestamp: new Date().toISOString(),
      context: { ad: {}, pixel: { code: pixel }, user: { anonymous_id: visitor }, page: { url: location.href, referrer: document.referrer } }
    }));
  }
  var queue = window.ttq && window.ttq.length ? window.ttq.slice() : [["page"]];
  window.ttq = { page: function () { send("Pageview"); }, track: send, push: function (command) { send(command[0]); } };
  queue.forEach(function (command) { send(command[0] === "page" ? "Pageview" : command[1] || command[0]); });
})();
