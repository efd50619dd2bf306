// The mistake: it waits until a choice is stored, and does not look which.
(function () {
  var timer = setInterval(function () {
    if (!/(?:^|; )orejime=/.test(document.cookie)) return;
    clearInterval(timer);
    window.ttq = window.ttq || [["page"]];
    var script = document.createElement("script");
    script.async = true;
    script.src = "https://analytics.tiktok.com/i18n/pixel/events.js?sdkid=C4TESTBED0REJECT&lib=ttq";
    document.head.appendChild(script);
  }, 100);
})();
