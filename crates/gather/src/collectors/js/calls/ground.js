// What the page calls is told by the browser's debugger: a breakpoint stands at the entry of each watched function, and its
// condition, always false, calls `called` here. Nothing in the page is replaced. This script runs before the page's
// first; it uses what it takes hold of now and nothing that a page may replace later: no iterators, no prototypes. It
// reads no value of the page's that would be noticed: text and numbers are told as they are, objects are handed to the
// browser, which looks into them without calling anything.
const { apply, getOwnPropertyDescriptor } = Reflect;
const Str = String, say = console.trace.bind(console);
const uncurry = (f) => (self, ...args) => apply(f, self, args);
const slice = uncurry(Str.prototype.slice);
const isObject = (v) => (typeof v === "object" && v !== null) || typeof v === "function";
// A value as text, if it can be had unnoticed.
const text = (v, n) => typeof v === "string" ? slice(v, 0, n) : isObject(v) || typeof v === "symbol" ? "" : Str(v);
// An argument; `arguments` inherits from what the page may change.
const at = (args, i) => i < args.length ? args[i] : undefined;
const prototype = (name) => { const c = getOwnPropertyDescriptor(globalThis, name)?.value; return typeof c === "function" ? c.prototype : undefined; };
const value = (owner, name) => owner && getOwnPropertyDescriptor(owner, name)?.value;
const getter = (owner, name) => owner && getOwnPropertyDescriptor(owner, name)?.get;
// An attribute of an object, read by the browser's own getter; undefined where the object is none that has it.
const attribute = (type, name) => { const get = getter(prototype(type), name); return (self) => { try { return get && apply(get, self, []); } catch { return undefined; } }; };
// Where this is.
const here = (() => {
  if (typeof document === "object") { const place = location, get = getter(place, "href"); return () => apply(get, place, []); }
  const place = attribute("WorkerGlobalScope", "location"), href = attribute("WorkerLocation", "href");
  return () => href(place(globalThis));
})();
// Tells: what kind of thing, up to four fields, and an object to look into.
const field = (v) => v === undefined ? "" : text(v, 65536);
const tell = (kind, a, b, c, d, object) => { apply(say, undefined, [TOKEN, kind, text(here(), 8192), field(a), field(b), field(c), field(d), object]); };
// What is watched, by name: the function, how many of its calls, and what to do with one. `own`: each realm has its own,
// which the browser does not recognize in the next realm.
const watched = { __proto__: null };
const watch = (name, f, most, seen, own) => { if (typeof f === "function") watched[name] = { __proto__: null, f, most, seen, own, n: 0 }; };
// While this script asks whether its process is watched already, the answer is what counts.
const asking = { __proto__: null, now: false, met: false };
const called = (name, self, args) => {
  if (asking.now) { asking.met = true; return false; }
  const w = watched[name];
  w.n++;
  try { w.seen(self, args, w.n); } catch { /* then that it was called is not told: what it did, the browser tells */ }
  // A page may call a thousand times a second, and each costs: enough is enough, and is said.
  if (w.n === w.most) { try { letGo(w.f); tell("released", name, w.most); } catch { /* as above */ } }
  return false;
};
const letGo = undebug;
