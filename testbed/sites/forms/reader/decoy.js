// Listens and sends what is no value: lengths, digests of other things, ids, its own random numbers.
(() => {
  const send = (x, data) => fetch("https://in.reader.test/t?x=" + x, { method: "POST", mode: "no-cors", body: data });
  const hex = (b) => [...new Uint8Array(b)].map((c) => c.toString(16).padStart(2, "0")).join("");
  const sha = async (s) => hex(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(s)));
  document.addEventListener("input", async (e) => {
    send("length", JSON.stringify({ field: e.target.name, length: e.target.value.length, type: e.inputType }));
    send("masked", JSON.stringify({ field: e.target.name, value: "*".repeat(e.target.value.length) }));
  }, true);
  document.addEventListener("change", async (e) => {
    send("other-digest", "em=" + await sha("somebody@example.com") + "&id=" + await sha(e.target.name + "|42"));
    send("random", JSON.stringify({ id: crypto.randomUUID(), n: Math.random(), t: Date.now(), b: btoa(hex(crypto.getRandomValues(new Uint8Array(24)))) }));
    send("domain", "host=" + (e.target.value.split("@")[1] ? "example.com" : ""));
  }, true);
  document.addEventListener("keydown", () => {}, true);
})();
