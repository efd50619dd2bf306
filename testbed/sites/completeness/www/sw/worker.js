// A request before any handler stands.
fetch("/hit/sw-first/1");
importScripts("/hit/sw-import/1.js");
addEventListener("install", function (event) {
  event.waitUntil(Promise.all([
    fetch("/hit/sw-install/1", { method: "POST", body: "installed" }),
    caches.open("one").then(function (cache) { return cache.addAll(["/sw/stored/1"]); }),
    cookieStore.set("sw-store", "1"),
    skipWaiting()
  ]));
});
addEventListener("activate", function (event) { event.waitUntil(clients.claim()); });
addEventListener("fetch", function (event) {
  var path = new URL(event.request.url).pathname;
  if (path.startsWith("/sw/answered/")) event.respondWith(new Response("from the worker"));
  else if (path.startsWith("/sw/stored/")) event.respondWith(caches.match(event.request));
  else if (path.startsWith("/sw/passed/")) event.respondWith(fetch(event.request));
});
