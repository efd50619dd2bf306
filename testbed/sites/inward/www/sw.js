const port = new URLSearchParams(location.search).get("port");
self.addEventListener("install", (e) =>
  e.waitUntil(fetch("http://127.0.0.1:" + port + "/service-worker", { mode: "no-cors" }).catch(() => {})));
