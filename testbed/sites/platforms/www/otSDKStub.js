// A stand-in of OneTrust's stub: only how it comes to know where the visitor is.
"use strict";
(() => {
  const given = window.OneTrust && window.OneTrust.geolocationResponse;
  window.OneTrust = { ...(window.OneTrust || {}), region: given ? `${given.countryCode}-${given.stateCode}` : "looked up" };
})();
