// Cookies that scripts set.
const split = uncurry(Str.prototype.split), trim = uncurry(Str.prototype.trim);
accessor(prototype("Document"), "cookie", "set", (self, args, d) => {
  if (!room("cookie")) return;
  const raw = cut(args[0], 16384), stack = stackOf(40);
  // Whether the browser took it: it may refuse, e.g. a domain that is a public suffix.
  return () => {
    let kept = "";
    try {
      const pair = split(raw, ";", 1)[0], at = indexOf(pair, "=");
      const want = at < 0 ? trim(pair) : trim(slice(pair, 0, at)) + "=" + trim(slice(pair, at + 1));
      kept = indexOf("; " + apply(d.get, self, []) + ";", "; " + want + ";") >= 0 ? "1" : "0";
    } catch { /* then it is not known */ }
    tell("cookie", ["document.cookie", raw, kept], stack);
  };
});
const attributes = (o) => (o.domain ? "; Domain=" + cut(o.domain, 300) : "") + (o.path ? "; Path=" + cut(o.path, 2000) : "")
  + (o.sameSite ? "; SameSite=" + cut(o.sameSite, 20) : "") + (o.partitioned ? "; Partitioned" : "");
method(prototype("CookieStore"), "set", (self, args) => {
  if (!room("cookie")) return;
  const a = args[0], o = typeof a === "object" && a ? a : { name: a, value: args[1] };
  const expires = o.expires ? "; Expires=" + new Date(+o.expires).toUTCString() : "";
  tell("cookie", ["cookieStore", cut(o.name, 4096) + "=" + cut(o.value, 8192) + expires + attributes(o), ""], stackOf(40));
});
method(prototype("CookieStore"), "delete", (self, args) => {
  if (!room("cookie")) return;
  const a = args[0], o = typeof a === "object" && a ? a : { name: a };
  tell("cookie", ["cookieStore", cut(o.name, 4096) + "=; Max-Age=0" + attributes(o), ""], stackOf(40));
});
