// Gives OneTrust's stub the region that it would else look up by the visitor's address. On pages without that stub there
// is no such global.
((region) => {
  let own;
  const stub = () => [...document.querySelectorAll("script[src]")].some((s) => /otSDKStub|\/consent\/.*\/OtAutoBlock/i.test(s.src));
  try {
    Object.defineProperty(window, "OneTrust", {
      configurable: true,
      enumerable: true,
      get() { return own === undefined && stub() ? { geolocationResponse: region } : own; },
      set(v) {
        // The stub extends what it found, or puts its own in its place: the region stays.
        own = v;
        if (v && typeof v === "object" && !v.geolocationResponse) try { v.geolocationResponse = region; } catch { /* frozen */ }
        Object.defineProperty(window, "OneTrust", { value: own, configurable: true, enumerable: true, writable: true });
      },
    });
  } catch { /* the page has one already */ }
})
