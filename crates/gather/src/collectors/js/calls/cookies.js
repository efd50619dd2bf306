// Cookies that scripts set. Called on what is no document, the browser refuses.
const COOKIES = 1000;
const isA = (type, name) => { const get = getter(prototype(type), name); return (self) => { try { apply(get, self, []); return true; } catch { return false; } }; };
const isDocument = isA("Document", "URL"), isStore = isA("CookieStore", "onchange");
watch("document.cookie", getOwnPropertyDescriptor(prototype("Document") ?? {}, "cookie")?.set, COOKIES, (self, args) => {
  const raw = at(args, 0);
  if (args.length && isDocument(self)) tell("cookie", "document.cookie", text(raw, 16384), isObject(raw) ? "object" : "");
});
for (const name of ["set", "delete"]) watch("CookieStore." + name, value(prototype("CookieStore"), name), COOKIES, (self, args) => {
  const a = at(args, 0), b = at(args, 1);
  if (!args.length || (typeof document === "object" && !isStore(self))) return;
  if (isObject(a)) tell("cookie", "cookieStore", name, "object", "", a);
  else tell("cookie", "cookieStore", name, text(a, 4096), text(b, 8192));
});
