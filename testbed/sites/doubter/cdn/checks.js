// What may be known of somebody who watches. Gives the names of the checks that failed. Each is made in a bare Chromium too:
// what fails there is no sign.
async function checks(self) {
  const noticed = [];
  const check = (name, holds) => { let ok = false; try { ok = holds(); } catch (e) { name += " (" + e + ")"; } if (!ok) noticed.push(name); };
  const doc = self.document;
  const own = (type, name, which) => { const t = self[type]; const d = t && Object.getOwnPropertyDescriptor(t.prototype, name); return d && d[which]; };
  const functions = {
    setTimeout: self.setTimeout, setInterval: self.setInterval, clearTimeout: self.clearTimeout, fetch: self.fetch,
    setItem: own("Storage", "setItem", "value"), cookie: own("Document", "cookie", "set"), addEventListener: self.EventTarget.prototype.addEventListener,
    toDataURL: own("HTMLCanvasElement", "toDataURL", "value"), getContext: own("HTMLCanvasElement", "getContext", "value"), put: own("IDBObjectStore", "put", "value"),
    userAgent: own("Navigator", "userAgent", "get") || own("WorkerNavigator", "userAgent", "get"), width: own("Screen", "width", "get"),
    getTimezoneOffset: self.Date.prototype.getTimezoneOffset, resolvedOptions: self.Intl.DateTimeFormat.prototype.resolvedOptions,
    RTCPeerConnection: self.RTCPeerConnection, OfflineAudioContext: self.OfflineAudioContext, set: own("CookieStore", "set", "value"),
  };
  const foreign = [Function.prototype.toString];
  if (doc) {
    const f = doc.createElement("iframe");
    doc.documentElement.append(f);
    foreign.push(f.contentWindow.Function.prototype.toString);
    f.remove();
  }
  for (const [name, f] of Object.entries(functions)) {
    if (!f) continue;
    // Sentry and others: else the function is taken from a frame that is thrown away.
    for (const text of foreign) check(name + " is native", () => /^(function (get |set )?\w+\(\) \{ \[native code\] \}|class \w+ \{ \[native code\] \})$/.test(text.call(f)));
    check(name + " has its name", () => f.name.replace(/^[gs]et /, "") === name);
    check(name + " has its properties", () => Reflect.ownKeys(f).join().startsWith("length,name") && !Object.getOwnPropertyDescriptor(f, "name").writable && Object.getOwnPropertyDescriptor(f, "length").configurable);
    check(name + " has no cycle", () => { try { Object.setPrototypeOf(f, Object.create(f)); return false; } catch (e) { return e instanceof TypeError && /Cyclic/.test(e.message); } finally { try { Object.setPrototypeOf(f, Function.prototype); } catch { /* it is as it was */ } } });
    check(name + " is called by whom it is called", () => {
      try { Reflect.apply(f, {}, []); } catch (e) { return e.stack.split("\n").filter((l) => /^ +at /.test(l)).every((l) => /checks|Reflect|worker\.js|doubter|anonymous|Object\.|new /.test(l)) && !/f[0-9a-f]{12}/.test(e.stack); }
      return true;
    });
  }
  // What is handed over is read once, and by nobody else.
  let read = 0, stack = "";
  const once = (text) => ({ toString() { read++; stack = new Error().stack; return text; } });
  const reads = (name, act) => check(name, () => { read = 0; stack = ""; act(); return read === 1 && stack.split("\n").length < 12 && !/\bf[0-9a-f]{12,}\b/.test(stack); });
  const limited = (name, act) => check(name, () => {
    const was = Object.getOwnPropertyDescriptor(Error, "stackTraceLimit");
    let asked = 0;
    Object.defineProperty(Error, "stackTraceLimit", { configurable: true, get() { asked++; return 10; } });
    try { act(); } finally { Object.defineProperty(Error, "stackTraceLimit", was); }
    return asked === 0;
  });
  if (doc && doc.defaultView.origin !== "null") {
    reads("a cookie is read once", () => { doc.cookie = once("read=once"); });
    reads("a stored value is read once", () => { self.localStorage.setItem("read", once("once")); });
    limited("nobody asks for stacks when a cookie is set", () => { doc.cookie = "limit=1"; });
    limited("nobody asks for stacks when something is stored", () => { self.localStorage.setItem("limit", "1"); });
  }
  check("a delay is read once", () => { let n = 0; self.clearTimeout(self.setTimeout(() => {}, { valueOf() { n++; return 1; } })); return n === 1; });
  // What is called by a proxy's handler or prepareStackTrace shows itself.
  check("stacks have the page's frames only", () => {
    const was = Object.getOwnPropertyDescriptor(Error, "prepareStackTrace");
    let sites = [];
    Error.prepareStackTrace = (e, all) => { sites = all; return ""; };
    try { if (doc) doc.cookie = { toString() { void new Error().stack; return "sites=1"; } }; else void new Error().stack; } finally { if (was) Object.defineProperty(Error, "prepareStackTrace", was); else delete Error.prepareStackTrace; }
    return sites.every((s) => /checks|worker|doubter|srcdoc|^$/.test(s.getFileName() || s.getScriptNameOrSourceURL() || ""));
  });
  // What a watcher would use, replaced while the page goes on.
  check("nobody uses what the page has replaced", () => {
    let used = 0, after = 0;
    const replaced = [[self.Array.prototype, self.Symbol.iterator], [self.Reflect, "apply"], [self.Function.prototype, "apply"], [self.Function.prototype, "call"], [self.Function.prototype, "bind"],
      [self.String.prototype, "slice"], [self.String.prototype, "indexOf"], [self.console, "debug"], [self.console, "trace"], [self.JSON, "stringify"], [self.Object, "getOwnPropertyDescriptor"], [self.Object, "keys"], [self.Performance.prototype, "now"]];
    const were = replaced.map((r) => Object.getOwnPropertyDescriptor(r[0], r[1]));
    const call = self.Reflect.apply;
    for (const [owner, name] of replaced) Object.defineProperty(owner, name, { configurable: true, writable: true, value: new Proxy(owner[name], { apply(real, on, args) { used++; return call(real, on, args); } }) });
    const before = used;
    Object.defineProperty(Object.prototype, "7", { configurable: true, set() { used++; }, get() { used++; } });
    try {
      if (doc && doc.defaultView.origin !== "null") { doc.cookie = "replaced=1"; self.localStorage.setItem("replaced", "1"); void self.screen.width; }
      void self.navigator.userAgent;
      self.setTimeout(() => {}, 400);
    } finally {
      after = used;
      delete Object.prototype[7];
      for (let i = 0; i < replaced.length; i++) Object.defineProperty(replaced[i][0], replaced[i][1], were[i]);
    }
    return after === before;
  });
  // Open tools look into what is put on the console.
  check("nobody looks into an error on the console", () => { let n = 0; const e = new Error("looked at"); Object.defineProperty(e, "stack", { configurable: true, get() { n++; return ""; } }); console.debug(e); return n === 0; });
  check("nobody looks into a proxy on the console", () => { let n = 0; console.debug(Object.setPrototypeOf({}, new Proxy({}, { ownKeys() { n++; return []; } }))); return n === 0; });
  check("nobody formats what is put on the console", () => { let n = 0; console.debug({ toString() { n++; return ""; }, get id() { n++; return ""; } }); return n === 0; });
  check("nothing stops at a breakpoint", () => { const t = performance.now(); debugger; return performance.now() - t < 200; });
  // What tools put into the global object while they speak.
  const tools = ["debug", "undebug", "monitor", "unmonitor", "inspect", "copy", "queryObjects", "$_", "$0", "$$", "$x", "getEventListeners", "monitorEvents", "dir", "dirxml", "table", "profile", "keys", "values"];
  check("no tools lie about", () => tools.every((t) => !(t in self)));
  check("no global of a random name", () => Reflect.ownKeys(self).every((k) => !/^_?[a-z]?[0-9a-f]{12,}$|affiant|cdc_/.test(String(k))));
  check("no script of another's", () => !doc || [...doc.scripts].every((s) => !s.src || s.src.includes("doubter")));
  check("not driven", () => self.navigator.webdriver !== true);
  check("later, no tools lie about either", () => tools.every((t) => !(t in self)));
  return noticed;
}
