// STAND-IN, not LogRocket's code. The npm package only buffers and loads a second script from the vendor's CDN, which is
// on no registry; this imitates that script for the testbed of affiant: it takes what was buffered and posts a batch.
// Written from public documentation; nothing was copied.
(function () {
  window._LRLogger = function () {
    var app = "";
    var events = [];
    var send = function () {
      fetch(window.__SDKCONFIG__.serverURL + "?a=" + encodeURIComponent(app), {
        method: "POST", mode: "no-cors", body: JSON.stringify({ app: app, url: location.href, events: events.splice(0) })
      });
    };
    document.addEventListener("click", function (event) {
      events.push(["lr.browser.MouseEvent", event.clientX, event.clientY]);
      send();
    }, true);
    return new Proxy({}, {
      get: function (_, name) {
        return function (first) {
          if (name === "init") { app = first; setTimeout(send, 500); }
          if (name === "addEvent") events.push([String(first), Date.now()]);
          return this;
        };
      }
    });
  };
})();
