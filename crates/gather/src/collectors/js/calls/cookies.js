// Cookies that scripts set.
const COOKIES = 1000;
watch("document.cookie", getOwnPropertyDescriptor(prototype("Document") ?? {}, "cookie")?.set, COOKIES, (self, args) => {
  const raw = at(args, 0);
  tell("cookie", "document.cookie", text(raw, 16384), isObject(raw) ? "object" : "");
});
for (const name of ["set", "delete"]) watch("CookieStore." + name, value(prototype("CookieStore"), name), COOKIES, (self, args) => {
  const a = at(args, 0), b = at(args, 1);
  if (isObject(a)) tell("cookie", "cookieStore", name, "object", "", a);
  else tell("cookie", "cookieStore", name, text(a, 4096), text(b, 8192));
});
