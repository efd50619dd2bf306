// The tide's clock in the footer: it changes every second, so a recorder always has something to send.
setInterval(function () {
  document.getElementById("tide").textContent = "Low tide in " + (3600 - Math.floor(Date.now() / 1000) % 3600) + " s";
}, 1000);
