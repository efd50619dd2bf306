// Shared by the pages: a beacon by its name, a chain of scripts that ends in one, and what a busy page does.
function beacon(name) {
  navigator.sendBeacon("https://tags.late-tags.test/b/" + name, name);
}
function chain(name) {
  var script = document.createElement("script");
  script.src = "https://tags.late-tags.test/chain.js?step=1&name=" + name;
  document.head.appendChild(script);
}
function busy(ms) {
  var end = performance.now() + ms;
  while (performance.now() < end);
}
function loaded(then) {
  addEventListener("load", then);
}
