// A script that loads a script that loads a script that sends.
(function () {
  var asked = new URL(document.currentScript.src).searchParams;
  var step = Number(asked.get("step")), name = asked.get("name");
  if (step === 3) {
    navigator.sendBeacon("https://tags.late-tags.test/b/" + name, name);
    return;
  }
  var next = document.createElement("script");
  next.src = "https://tags.late-tags.test/chain.js?step=" + (step + 1) + "&name=" + name;
  document.head.appendChild(next);
})();
