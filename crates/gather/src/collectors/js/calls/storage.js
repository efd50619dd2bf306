// Who writes to web storage, IndexedDB and Cache Storage. Told before the write.
const WRITES = 1000;
{
  const local = getter(globalThis, "localStorage"), session = getter(globalThis, "sessionStorage");
  const is = (get, self) => { try { return get && apply(get, globalThis, []) === self; } catch { return false; } };
  const area = (self) => is(local, self) ? "local" : is(session, self) ? "session" : "";
  const key = (v) => isObject(v) ? "?" : "=" + text(v, 4096);
  const S = prototype("Storage");
  watch("Storage.setItem", value(S, "setItem"), WRITES, (self, args) => {
    const a = area(self), v = at(args, 1);
    if (a && args.length > 1) tell("storage", a, "put", key(at(args, 0)), isObject(v) ? "?" : "=" + text(v, 65535));
  });
  watch("Storage.removeItem", value(S, "removeItem"), WRITES, (self, args) => { const a = area(self); if (a) tell("storage", a, "removed", key(at(args, 0))); });
  watch("Storage.clear", value(S, "clear"), WRITES, (self) => { const a = area(self); if (a) tell("storage", a, "cleared", "="); });
}
{
  const S = prototype("IDBObjectStore"), C = prototype("IDBCursor");
  const storeName = attribute("IDBObjectStore", "name"), dbName = attribute("IDBDatabase", "name"), transaction = attribute("IDBObjectStore", "transaction"), db = attribute("IDBTransaction", "db");
  const keyPath = attribute("IDBObjectStore", "keyPath"), source = attribute("IDBCursor", "source"), primary = attribute("IDBCursor", "primaryKey");
  const place = (store) => text(dbName(db(transaction(store))), 300) + "/" + text(storeName(store), 300) + "/";
  // Where it lies, its key as JavaScript would write it, or where in the value the key stands.
  const shown = (k) => typeof k === "string" ? '"' + text(k, 4096) + '"' : k === undefined ? "" : text(k, 200);
  const wrote = (change, store, k, v) => {
    if (storeName(store) === undefined) return;
    const path = k === undefined ? keyPath(store) : undefined;
    tell("indexed-db", change, place(store) + shown(k), typeof path === "string" ? path : "", isObject(v) || v === undefined ? "" : shown(v), isObject(v) ? v : undefined);
  };
  for (const [name, change] of [["add", "added"], ["put", "put"]]) watch("IDBObjectStore." + name, value(S, name), WRITES, (self, args) => { wrote(change, self, at(args, 1), at(args, 0)); });
  watch("IDBObjectStore.delete", value(S, "delete"), WRITES, (self, args) => { wrote("removed", self, at(args, 0) ?? ""); });
  watch("IDBObjectStore.clear", value(S, "clear"), WRITES, (self) => { wrote("cleared", self, ""); });
  watch("IDBCursor.update", value(C, "update"), WRITES, (self, args) => { wrote("updated", source(self), primary(self), at(args, 0)); });
  watch("IDBCursor.delete", value(C, "delete"), WRITES, (self) => { wrote("removed", source(self), primary(self)); });
  watch("IDBFactory.deleteDatabase", value(prototype("IDBFactory"), "deleteDatabase"), WRITES, (self, args) => { tell("indexed-db", "cleared", text(at(args, 0), 300)); });
}
{
  const C = prototype("Cache"), S = prototype("CacheStorage");
  const ofRequest = attribute("Request", "url"), ofUrl = attribute("URL", "href");
  const address = (r) => isObject(r) ? text(ofRequest(r) ?? ofUrl(r), 8192) : text(r, 8192);
  // A cache does not tell its name: those that were opened here are known, and if it was one, then it is that.
  let name, several = false;
  const known = () => several || name === undefined ? "" : name;
  watch("CacheStorage.open", value(S, "open"), WRITES, (self, args) => { const n = text(at(args, 0), 300); several ||= name !== undefined && name !== n; name = n; });
  watch("CacheStorage.delete", value(S, "delete"), WRITES, (self, args) => { tell("cache", "cleared", text(at(args, 0), 300)); });
  for (const n of ["put", "add"]) watch("Cache." + n, value(C, n), WRITES, (self, args) => { tell("cache", "put", known() + "/" + address(at(args, 0))); });
  watch("Cache.addAll", value(C, "addAll"), WRITES, (self, args) => { tell("cache", "put", known() + "/", "", "", at(args, 0)); });
  watch("Cache.delete", value(C, "delete"), WRITES, (self, args) => { tell("cache", "removed", known() + "/" + address(at(args, 0))); });
}
