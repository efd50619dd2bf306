// Knows what is looked for and sends what is no value: its length, digests of other things, its first letters, stars.
(() => {
  const send = (x, data) => fetch("https://in.reader.test/t?x=" + x, { method: "POST", mode: "no-cors", body: data });
  const hex = (b) => [...new Uint8Array(b)].map((c) => c.toString(16).padStart(2, "0")).join("");
  const q = new URL(location.href).searchParams.get("q") ?? "";
  const sha = async (s) => hex(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(s)));
  send("length", JSON.stringify({ length: q.length, words: q.split(" ").length }));
  send("masked", JSON.stringify({ q: "*".repeat(q.length) }));
  send("first", JSON.stringify({ q: q.slice(0, 9) }));
  send("path", JSON.stringify({ page: location.origin + location.pathname, title: document.title }));
  sha("another search").then((d) => send("other-digest", d));
})();
