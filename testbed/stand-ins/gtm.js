// STAND-IN, not Google's code. It imitates the public interface of Google Tag Manager (gtm.js) for the testbed of affiant:
// a container is a list of tags; a tag fires on a dataLayer event, if a consent flag in that event allows.
// Written from public documentation; nothing was copied.
(function () {
  function load(src) {
    var script = document.createElement("script");
    script.async = true;
    script.src = src;
    document.head.appendChild(script);
  }
  function gtag() { window.dataLayer.push(arguments); }
  function fbq() { window.fbq.queue.push(arguments); }
  var tags = {
    ga4: function (id) {
      gtag("js", new Date());
      gtag("config", id);
      load("https://www.googletagmanager.com/gtag/js?id=" + id);
    },
    meta: function (id) {
      if (!window.fbq) { window.fbq = fbq; fbq.queue = []; fbq.version = "2.0"; }
      window.fbq("init", id);
      window.fbq("track", "PageView");
      load("https://connect.facebook.net/en_US/fbevents.js");
    },
    criteo: function (id) {
      (window.criteo_q = window.criteo_q || []).push({ event: "setAccount", account: id }, { event: "viewHome" });
      load("https://static.criteo.net/js/ld/ld.js?a=" + id);
    }
  };
  // needs: the name of the consent flag that the tag waits for; none means that any choice will do.
  var containers = {
    "GTM-FERNHLW": [
      { on: "consent_choice", tag: "ga4", id: "G-FERNHLW01" },
      { on: "consent_choice", needs: "meta", tag: "meta", id: "100200300400500" }
    ],
    "GTM-CHAIN01": [{ on: "gtm.js", tag: "criteo", id: "48151" }]
  };
  var id = new URL(document.currentScript.src).searchParams.get("id");
  var fired = {};
  function handle(message) {
    (containers[id] || []).forEach(function (tag) {
      if (message.event !== tag.on || fired[tag.tag]) return;
      if (tag.needs && !(message.consent || {})[tag.needs]) return;
      fired[tag.tag] = true;
      tags[tag.tag](tag.id);
    });
  }
  var layer = (window.dataLayer = window.dataLayer || []);
  var push = layer.push;
  layer.push = function () {
    var length = push.apply(layer, arguments);
    Array.prototype.forEach.call(arguments, handle);
    return length;
  };
  layer.slice().forEach(handle);
})();
