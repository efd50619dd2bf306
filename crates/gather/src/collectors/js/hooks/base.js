// The ground that the hooks stand on. All hooks run as one script in the page's own world (and in workers) before
// the page's first script. It reports through a binding that it takes away at once; native functions are wrapped in
// proxies, so that the page sees no change. Reports are length-prefixed texts: nothing that a page may have
// replaced (JSON, toJSON, prototypes) is used for them.
const report = globalThis["__BINDING__"];
if (typeof report !== "function") return;
delete globalThis["__BINDING__"];
const { apply, construct, getOwnPropertyDescriptor, getPrototypeOf, defineProperty } = Reflect;
const E = Error, P = Proxy, clock = performance, Str = String;
const uncurry = (f) => (self, ...args) => apply(f, self, args);
const slice = uncurry(Str.prototype.slice), indexOf = uncurry(Str.prototype.indexOf);
const nowOf = uncurry(clock.now), originOf = uncurry(getOwnPropertyDescriptor(Performance.prototype, "timeOrigin").get);
const none = () => ({ __proto__: null });
const cut = (v, n) => { try { return slice(typeof v === "symbol" ? "" : Str(v), 0, n); } catch { return ""; } };
// The call stack as text; the page's own wishes about stacks are put back.
const stackOf = (frames) => {
  const { stackTraceLimit, prepareStackTrace } = E;
  E.stackTraceLimit = frames + 4;
  E.prepareStackTrace = undefined;
  const stack = new E().stack;
  E.stackTraceLimit = stackTraceLimit;
  E.prepareStackTrace = prepareStackTrace;
  return cut(stack, 16384);
};
const tell = (kind, fields, stack) => {
  try {
    let out = "";
    const put = (v) => { v = cut(v, 65536); out += v.length + ":" + v; };
    put(kind); put(cut(globalThis.location.href, 8192)); put(originOf(clock) + nowOf(clock)); put(stack ?? "");
    for (let i = 0; i < fields.length; i++) put(fields[i]);
    report(out);
  } catch { /* the page must not notice */ }
};
// At most so many reports of a kind from one document; a page may call a thousand times a second.
const LIMIT = 1000, told = none();
const room = (kind) => (told[kind] = (told[kind] || 0) + 1) <= LIMIT;
// Wraps a method: `before` sees the call and may return a function that sees its result. Neither may throw.
const method = (owner, name, before) => {
  const d = owner && getOwnPropertyDescriptor(owner, name);
  if (!d || typeof d.value !== "function" || !d.configurable) return;
  const value = new P(d.value, {
    __proto__: null,
    apply(target, self, args) {
      let after;
      try { after = before(self, args); } catch { /* as above */ }
      const result = apply(target, self, args);
      if (after) try { after(result); } catch { /* as above */ }
      return result;
    },
  });
  defineProperty(owner, name, { __proto__: null, value, writable: d.writable, enumerable: d.enumerable, configurable: true });
};
const accessor = (owner, name, which, before) => {
  const d = owner && getOwnPropertyDescriptor(owner, name);
  if (!d || typeof d[which] !== "function" || !d.configurable) return;
  const wrapped = new P(d[which], {
    __proto__: null,
    apply(target, self, args) {
      let after;
      try { after = before(self, args, d); } catch { /* as above */ }
      const result = apply(target, self, args);
      if (after) try { after(result); } catch { /* as above */ }
      return result;
    },
  });
  defineProperty(owner, name, { __proto__: null, get: d.get, set: d.set, enumerable: d.enumerable, configurable: true, [which]: wrapped });
};
const constructor = (name, before) => {
  const d = getOwnPropertyDescriptor(globalThis, name);
  if (!d || typeof d.value !== "function" || !d.configurable) return;
  const real = d.value;
  const value = new P(real, {
    __proto__: null,
    construct(target, args, as) {
      try { before(args); } catch { /* as above */ }
      return construct(target, args, as === value ? real : as);
    },
  });
  const own = getOwnPropertyDescriptor(real.prototype, "constructor");
  if (own && own.configurable) defineProperty(real.prototype, "constructor", { __proto__: null, value, writable: true, enumerable: false, configurable: true });
  defineProperty(globalThis, name, { __proto__: null, value, writable: true, enumerable: false, configurable: true });
};
// Interfaces that a page hardly ever touches are expensive to touch: what watches them waits until the page does.
const onGlobal = (name, then) => {
  let owner = globalThis;
  while (owner && !getOwnPropertyDescriptor(owner, name)) owner = getPrototypeOf(owner);
  let waiting = then;
  accessor(owner, name, "get", () => { const now = waiting; waiting = undefined; if (now) now(); });
};
const prototype = (name) => { const c = globalThis[name]; return typeof c === "function" ? c.prototype : undefined; };
