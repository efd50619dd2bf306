// STAND-IN, not Google's code. It imitates the public interface of the Google tag (gtag/js) for the testbed of affiant:
// it reads gtag() commands from the dataLayer, keeps _ga and _ga_<id>, and sends page_view to /g/collect.
// Written from public documentation; nothing was copied.
(function () {
  var stream = new URL(document.currentScript.src).searchParams.get("id");
  var domain = location.hostname.split(".").slice(-2).join(".");
  function cookie(name, value) {
    var found = document.cookie.match("(?:^|; )" + name.replace(/[-.]/g, "\\$&") + "=([^;]*)");
    value = found ? found[1] : value;
    document.cookie = name + "=" + value + "; domain=" + domain + "; path=/; max-age=63072000; SameSite=Lax";
    return value;
  }
  function send(name, more) {
    var now = Math.floor(Date.now() / 1000);
    var client = cookie("_ga", "GA1.1." + Math.floor(Math.random() * 2147483647) + "." + now).split(".").slice(2).join(".");
    var session = cookie("_ga_" + stream.replace("G-", ""), "GS2.1.s" + now + "$o1$g0$t" + now + "$j60$l0$h0").match(/s(\d+)/)[1];
    var query = new URLSearchParams({
      v: "2", tid: stream, gtm: "45je000", _p: String(Math.floor(performance.now())), cid: client,
      ul: navigator.language.toLowerCase(), sr: screen.width + "x" + screen.height, _s: "1", sid: session, sct: "1", seg: "0",
      dl: location.href, dr: document.referrer, dt: document.title, en: name
    });
    for (var key in more) query.set(key, more[key]);
    fetch("https://www.google-analytics.com/g/collect?" + query, { method: "POST", mode: "no-cors", keepalive: true });
  }
  function handle(command) {
    if (command[0] === "config" && command[1] === stream) {
      send("page_view", {});
      var term = new URLSearchParams(location.search).get("q");
      if (term) send("view_search_results", { "ep.search_term": term });
    }
    if (command[0] === "event") send(command[1], {});
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
