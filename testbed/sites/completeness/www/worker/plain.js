// The request stands first: nothing of anybody else's can run before it.
fetch("/hit/worker-first/1", { method: "POST", body: "first" });
importScripts("/hit/worker-import/1.js");
var x = new XMLHttpRequest();
x.open("GET", "/hit/worker-xhr/1", false);
x.send();
new Worker("/worker/nested.js");
var socket = new WebSocket("wss://sink.collect.test/socket/worker");
socket.onopen = function () { socket.send("from a worker"); };
socket.onmessage = function () { socket.close(); };
