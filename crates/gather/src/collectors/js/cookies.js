// Watches cookies that scripts set. Runs in the page's own world before its first script, reports through a
// binding that it takes away at once, and wraps the native functions in proxies so that the page sees no change.
(() => {
  const report = globalThis["__BINDING__"];
  if (typeof report !== "function") return;
  delete globalThis["__BINDING__"];
  const { stringify } = JSON;
  const apply = Reflect.apply;
  const tell = (via, raw, kept) => {
    try {
      const { stackTraceLimit, prepareStackTrace } = Error;
      Error.stackTraceLimit = 40;
      Error.prepareStackTrace = undefined;
      const stack = new Error().stack;
      Error.stackTraceLimit = stackTraceLimit;
      Error.prepareStackTrace = prepareStackTrace;
      report(stringify({
        kind: "cookie", via, kept, raw: String(raw).slice(0, 16384), url: String(location.href).slice(0, 8192),
        wall: performance.timeOrigin + performance.now(), stack: String(stack).slice(0, 16384),
      }));
    } catch { /* the page must not notice */ }
  };
  const cookie = Object.getOwnPropertyDescriptor(Document.prototype, "cookie");
  if (cookie && cookie.set) {
    const set = new Proxy(cookie.set, {
      apply(target, self, args) {
        const done = apply(target, self, args);
        // Whether the browser took it: it may refuse, e.g. a domain that is a public suffix.
        let kept;
        try {
          const [name, ...value] = String(args[0]).split(";")[0].split("=");
          const pair = value.length ? `${name.trim()}=${value.join("=").trim()}` : name.trim();
          kept = `; ${apply(cookie.get, self, [])};`.includes(`; ${pair};`);
        } catch { /* then it is not known */ }
        tell("document.cookie", args[0], kept);
        return done;
      },
    });
    Object.defineProperty(Document.prototype, "cookie", { ...cookie, set });
  }
  if (typeof CookieStore === "function") {
    for (const name of ["set", "delete"]) {
      const d = Object.getOwnPropertyDescriptor(CookieStore.prototype, name);
      if (!d || typeof d.value !== "function") continue;
      const value = new Proxy(d.value, {
        apply(target, self, args) {
          try {
            const a = args[0];
            const o = typeof a === "object" && a ? a : { name: a, value: args[1] };
            const raw = name === "delete" ? `${o.name}=; Max-Age=0` : `${o.name}=${o.value}`
              + (o.expires ? `; Expires=${new Date(+o.expires).toUTCString()}` : "");
            tell("cookieStore", raw + (o.domain ? `; Domain=${o.domain}` : "") + (o.path ? `; Path=${o.path}` : "")
              + (o.sameSite ? `; SameSite=${o.sameSite}` : "") + (o.partitioned ? "; Partitioned" : ""));
          } catch { /* as above */ }
          return apply(target, self, args);
        },
      });
      Object.defineProperty(CookieStore.prototype, name, { ...d, value });
    }
  }
})();
