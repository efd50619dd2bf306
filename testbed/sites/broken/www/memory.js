// Fills the JavaScript heap until the renderer dies: the only way a page can crash itself for certain.
// It takes some 4 GB and a few seconds.
addEventListener("load", function () {
  setTimeout(function () {
    var kept = [];
    while (true) kept.push(new Array(1 << 22).fill(kept.length + 0.5));
  }, 50);
});
