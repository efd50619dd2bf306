// STAND-IN, not Microsoft's code. It imitates the public interface of Clarity's loader (www.clarity.ms/tag/<project>) for the testbed of affiant:
// it starts the real clarity-js, which the testbed serves as /s/0.8.70/clarity.js, and calls the cookie sync pixel.
// Written from public documentation; nothing was copied.
(function () {
  var project = document.currentScript.src.split("/tag/")[1].split("?")[0];
  window.clarity = window.clarity || function () { (window.clarity.q = window.clarity.q || []).push(arguments); };
  window.clarity("start", {
    projectId: project,
    upload: "https://t.clarity.ms/collect",
    content: true,
    track: true,
    delay: 500
  });
  var script = document.createElement("script");
  script.async = true;
  script.src = "https://www.clarity.ms/s/0.8.70/clarity.js";
  document.head.appendChild(script);
  new Image().src = "https://c.clarity.ms/c.gif";
})();
