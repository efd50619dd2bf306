// Who writes to web storage, IndexedDB and Cache Storage. Told before the write.
const VALUE = 4096;
const wrote = (area, change, key, value) => { if (room(area)) tell("storage", [area, change, key, value === undefined ? "" : "=" + value], stackOf(40)); };
{
  const areas = none();
  for (const name of ["localStorage", "sessionStorage"]) {
    const get = getOwnPropertyDescriptor(globalThis, name)?.get;
    if (get) areas[name === "localStorage" ? "local" : "session"] = get;
  }
  const area = (self) => {
    for (const name in areas) try { if (apply(areas[name], globalThis, []) === self) return name; } catch { /* refused */ }
    return "";
  };
  const S = prototype("Storage");
  method(S, "setItem", (self, args) => { const a = area(self); if (a && args.length > 1) wrote(a, "put", cut(args[0], 4096), cut(args[1], 65536)); });
  method(S, "removeItem", (self, args) => { const a = area(self); if (a) wrote(a, "removed", cut(args[0], 4096)); });
  method(S, "clear", (self) => { const a = area(self); if (a) wrote(a, "cleared", ""); });
}
onGlobal("indexedDB", () => {
  // A value as text: flat where it is flat; what cannot be shown is named. Nothing of it is called.
  const show = (v, depth) => {
    if (v === null || typeof v !== "object") return typeof v === "string" ? '"' + cut(v, VALUE) + '"' : typeof v === "function" ? "" : cut(v, 200);
    if (depth > 2) return "…";
    let out = "", n = 0;
    try {
      for (const k in v) {
        const d = getOwnPropertyDescriptor(v, k);
        if (!d || !("value" in d)) continue;
        out += (out ? "," : "") + '"' + cut(k, 200) + '":' + show(d.value, depth + 1);
        if (++n >= 40 || out.length > VALUE) break;
      }
    } catch { /* then what there is */ }
    return "{" + out + "}";
  };
  const S = prototype("IDBObjectStore"), C = prototype("IDBCursor");
  const nameOf = (o, c) => { const g = getOwnPropertyDescriptor(c ?? {}, "name")?.get; return (x) => g ? cut(apply(g, x, []), 300) : ""; };
  const storeName = nameOf(0, S), dbName = nameOf(0, prototype("IDBDatabase"));
  const get = (owner, name) => { const g = getOwnPropertyDescriptor(owner ?? {}, name)?.get; return (x) => g ? apply(g, x, []) : undefined; };
  const transaction = get(S, "transaction"), db = get(prototype("IDBTransaction"), "db"), keyPath = get(S, "keyPath"), source = get(C, "source"), primary = get(C, "primaryKey");
  const at = (store) => dbName(db(transaction(store))) + "/" + storeName(store);
  const keyOf = (store, value, key) => {
    if (key !== undefined) return show(key, 1);
    const p = keyPath(store);
    return typeof p === "string" && p && value && typeof value === "object" ? show(getOwnPropertyDescriptor(value, p)?.value, 1) : "";
  };
  for (const name of ["add", "put"]) method(S, name, (self, args) => wrote("indexed-db", name === "add" ? "added" : "put", at(self) + "/" + keyOf(self, args[0], args[1]), cut(show(args[0], 0), VALUE)));
  method(S, "delete", (self, args) => wrote("indexed-db", "removed", at(self) + "/" + show(args[0], 1)));
  method(S, "clear", (self) => wrote("indexed-db", "cleared", at(self)));
  method(C, "update", (self, args) => wrote("indexed-db", "updated", at(source(self)) + "/" + show(primary(self), 1), cut(show(args[0], 0), VALUE)));
  method(C, "delete", (self) => wrote("indexed-db", "removed", at(source(self)) + "/" + show(primary(self), 1)));
  method(prototype("IDBFactory"), "deleteDatabase", (self, args) => wrote("indexed-db", "cleared", cut(args[0], 300)));
});
onGlobal("caches", () => {
  const names = new WeakMap(), then = uncurry(Promise.prototype.then), known = uncurry(WeakMap.prototype.get), know = uncurry(WeakMap.prototype.set);
  const C = prototype("Cache"), S = prototype("CacheStorage");
  const url = getOwnPropertyDescriptor(prototype("Request") ?? {}, "url")?.get;
  const address = (r) => { try { return cut(apply(url, r, []), 8192); } catch { return cut(r, 8192); } };
  const at = (cache, r) => (known(names, cache) ?? "") + "/" + address(r);
  method(S, "open", (self, args) => { const name = cut(args[0], 300); return (promise) => { then(promise, (cache) => { know(names, cache, name); }, () => {}); }; });
  method(S, "delete", (self, args) => wrote("cache", "cleared", cut(args[0], 300)));
  method(C, "put", (self, args) => wrote("cache", "put", at(self, args[0])));
  method(C, "add", (self, args) => wrote("cache", "put", at(self, args[0])));
  method(C, "addAll", (self, args) => { const list = args[0]; if (list && list.length) for (let i = 0; i < list.length && i < 100; i++) wrote("cache", "put", at(self, list[i])); });
  method(C, "delete", (self, args) => wrote("cache", "removed", at(self, args[0])));
});
