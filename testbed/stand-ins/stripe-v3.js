// STAND-IN, not Stripe's code. It imitates the public interface of Stripe.js (js.stripe.com/v3/) for the testbed of affiant:
// its fraud signals: the cookies __stripe_mid and __stripe_sid, a hidden frame and a beacon to m.stripe.com/6.
// Written from public documentation; nothing was copied.
(function () {
  document.cookie = "__stripe_mid=" + crypto.randomUUID() + "; path=/; max-age=31536000; SameSite=Strict; Secure";
  document.cookie = "__stripe_sid=" + crypto.randomUUID() + "; path=/; max-age=1800; SameSite=Strict; Secure";
  var frame = document.createElement("iframe");
  frame.src = "https://js.stripe.com/v3/m-outer.html#url=" + encodeURIComponent(location.origin + location.pathname);
  frame.style.display = "none";
  frame.setAttribute("aria-hidden", "true");
  document.documentElement.appendChild(frame);
  window.Stripe = function (key) { return { key: key, elements: function () { return {}; } }; };
})();
