// Stops the submit events of forms before the page hears of them. Runs in an isolated world of each document.
(() => {
  if (globalThis.__affiantGuard) return;
  const guard = globalThis.__affiantGuard = { stopped: [] };
  addEventListener("submit", (e) => {
    e.preventDefault();
    e.stopImmediatePropagation();
    const form = e.target;
    if (guard.stopped.length < 200) {
      guard.stopped.push({
        t: performance.timeOrigin + performance.now(), url: String(form?.action ?? "").slice(0, 8192),
        method: String(form?.method ?? "").slice(0, 20).toUpperCase(),
      });
    }
  }, true);
})()
