// STAND-IN, not Criteo's code. It imitates the public interface of the Criteo OneTag (static.criteo.net/js/ld/ld.js) for the testbed of affiant:
// it opens the sync frame on gum.criteo.com and sends the queued events to sslwidget.criteo.com/event.
// Written from public documentation; nothing was copied.
(function () {
  var account = new URL(document.currentScript.src).searchParams.get("a");
  var frame = document.createElement("iframe");
  frame.src = "https://gum.criteo.com/syncframe?origin=onetag&topUrl=" + encodeURIComponent(location.hostname);
  frame.style.display = "none";
  document.body.appendChild(frame);
  var script = document.createElement("script");
  script.async = true;
  script.src = "https://sslwidget.criteo.com/event?a=" + account + "&v=5.0&p0=e%3Dvh&fu=" + encodeURIComponent(location.href);
  document.head.appendChild(script);
})();
