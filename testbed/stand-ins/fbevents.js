// STAND-IN, not Meta's code. It imitates the public interface of the Meta Pixel (fbevents.js) for the testbed of affiant:
// fbq() commands, the _fbp cookie, /tr, and Automatic Advanced Matching: a hashed e-mail address when a form's button is pressed.
// Written from public documentation; nothing was copied.
(function () {
  var pixel = "";
  var domain = location.hostname.split(".").slice(-2).join(".");
  var found = document.cookie.match(/(?:^|; )_fbp=([^;]*)/);
  var browser = found ? found[1] : "fb.1." + Date.now() + "." + Math.floor(Math.random() * 1e18);
  document.cookie = "_fbp=" + browser + "; domain=" + domain + "; path=/; max-age=7776000; SameSite=Lax";
  function send(name, more) {
    var query = new URLSearchParams({
      id: pixel, ev: name, dl: location.href, rl: document.referrer, if: "false", ts: String(Date.now()),
      sw: String(screen.width), sh: String(screen.height), v: "2.9.000", r: "stable", ec: "0", fbp: browser
    });
    for (var key in more) query.set(key, more[key]);
    new Image().src = "https://www.facebook.com/tr/?" + query;
  }
  function run(command) {
    if (command[0] === "init") {
      pixel = command[1];
      var script = document.createElement("script");
      script.async = true;
      script.src = "https://connect.facebook.net/signals/config/" + pixel + "?v=2.9.000&r=stable&domain=" + location.hostname;
      document.head.appendChild(script);
    }
    if (command[0] === "track") send(command[1], {});
  }
  function hash(text) {
    return crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)).then(function (bytes) {
      return Array.from(new Uint8Array(bytes), function (byte) { return byte.toString(16).padStart(2, "0"); }).join("");
    });
  }
  document.addEventListener("click", function (event) {
    var button = event.target.closest && event.target.closest("button, input[type=submit]");
    var email = button && button.form && button.form.querySelector("input[type=email]");
    if (!email || !email.value) return;
    hash(email.value.trim().toLowerCase()).then(function (digest) {
      send("SubscribedButtonClick", { "udff[em]": digest, "cd[buttonText]": button.textContent.trim() });
    });
  }, true);
  var queue = (window.fbq && window.fbq.queue) || [];
  window.fbq = function () { run(arguments); };
  window.fbq.queue = [];
  queue.forEach(run);
})();
