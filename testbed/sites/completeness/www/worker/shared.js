fetch("/hit/shared-worker/1", { method: "POST", body: "first" });
importScripts("/hit/shared-worker/2.js");
onconnect = function (e) { e.ports[0].onmessage = function () { fetch("/hit/shared-worker/3"); }; };
