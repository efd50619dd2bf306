// Each deed once, most of them across an asynchronous boundary.
(function () {
  document.cookie = "life=1; path=/";
  setTimeout(function again() {
    document.cookie = "life=1; path=/";
    Promise.resolve().then(function change() {
      document.cookie = "life=2; path=/";
      fetch("https://www.behaviour.test/own/with-cookie").then(function end() {
        document.cookie = "life=; path=/; max-age=0";
      });
    });
  }, 50);
  document.cookie = "foreign=1; domain=other.test";
  cookieStore.set("stored", "3");

  localStorage.setItem("visitor", "v1");
  localStorage.setItem("visitor", "v1");
  localStorage.plain = "round the hook";
  sessionStorage.setItem("tab", "t1");
  const opened = indexedDB.open("teller", 1);
  opened.onupgradeneeded = () => opened.result.createObjectStore("events", { keyPath: "id" });
  opened.onsuccess = () => opened.result.transaction("events", "readwrite").objectStore("events").put({ id: 7, what: "seen" });
  caches.open("teller-v1").then((cache) => cache.put("/kept", new Response("kept")));

  const field = document.getElementById("email");
  field.addEventListener("keydown", function spy() {});
  field.oninput = function () {};
  document.addEventListener("mousemove", () => {}, { passive: true });
  addEventListener("scroll", () => {});

  const canvas = document.createElement("canvas");
  const flat = canvas.getContext("2d");
  flat.font = "13px Teller";
  flat.measureText("m");
  flat.getImageData(0, 0, 1, 1);
  canvas.toDataURL();
  const deep = document.createElement("canvas").getContext("webgl");
  if (deep) deep.getParameter(deep.VENDOR);
  new OfflineAudioContext(1, 64, 44100).createOscillator();
  new RTCPeerConnection().createDataChannel("x");
  document.fonts.check("12px Teller");
  void navigator.hardwareConcurrency;
  navigator.userAgentData.getHighEntropyValues(["model"]);
  navigator.getBattery();
  navigator.permissions.query({ name: "geolocation" });

  // What a page can see of being watched.
  const native = [setTimeout, document.cookie.constructor, Storage.prototype.setItem, HTMLCanvasElement.prototype.toDataURL,
    EventTarget.prototype.addEventListener, RTCPeerConnection, Object.getOwnPropertyDescriptor(Document.prototype, "cookie").set];
  const hidden = native.every((f) => Function.prototype.toString.call(f).includes("[native code]"))
    && new RTCPeerConnection() instanceof RTCPeerConnection && new RTCPeerConnection().constructor === RTCPeerConnection
    && Object.getOwnPropertyNames(window).every((n) => !/^f[0-9a-f]{12,}$/.test(n));
  fetch("https://www.behaviour.test/own/" + (hidden ? "unseen" : "noticed"));

  new Image().src = "https://cdn.teller.test/p/1";
  setTimeout(() => { new Image().src = "https://cdn.teller.test/p/2"; }, 400);
  const blob = new Blob(["importScripts('https://www.behaviour.test/worker.js')"], { type: "text/javascript" });
  new Worker(URL.createObjectURL(blob));
})();
