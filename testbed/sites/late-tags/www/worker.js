// Workers have no beacons.
[2, 5].forEach(function (s) {
  setTimeout(function () {
    fetch("https://tags.late-tags.test/b/worker-" + s, { method: "POST", mode: "no-cors", body: "worker" });
  }, s * 1000);
});
