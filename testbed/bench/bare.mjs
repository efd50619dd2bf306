// The floor: Chromium with nothing attached but a driver that navigates and waits for the load event.
// Reads one JSON object on stdin: { browser, switches, profile, sessions: [[url, …], …], parallel, dwell (ms) }. Each
// session is a fresh context with one tab, which all its pages share. Prints one object on stdout.
import { spawn } from "node:child_process";
import { readFileSync, writeSync } from "node:fs";

const wanted = JSON.parse(readFileSync(0, "utf8"));
const chrome = spawn(wanted.browser, [...wanted.switches, "--remote-debugging-pipe", `--user-data-dir=${wanted.profile}`, "about:blank"],
  { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
const waiting = new Map(), loads = new Map();
let next = 1, rest = "";
const call = (method, params = {}, sessionId) => new Promise((ok, no) => {
  const id = next++;
  waiting.set(id, { ok, no });
  chrome.stdio[3].write(JSON.stringify({ id, method, params, sessionId }) + "\0");
});
chrome.stdio[4].on("data", (chunk) => {
  const parts = (rest + chunk).split("\0");
  rest = parts.pop();
  for (const part of parts) {
    const m = JSON.parse(part);
    if (m.id) { const w = waiting.get(m.id); waiting.delete(m.id); m.error ? w?.no(new Error(m.error.message)) : w?.ok(m.result); }
    else if (m.method === "Page.loadEventFired") loads.get(m.sessionId)?.();
  }
});
const times = [];
const session = async (pages) => {
  const { browserContextId } = await call("Target.createBrowserContext");
  const { targetId } = await call("Target.createTarget", { url: "about:blank", browserContextId });
  const { sessionId } = await call("Target.attachToTarget", { targetId, flatten: true });
  await call("Page.enable", {}, sessionId);
  for (const url of pages) {
    const began = performance.now();
    const loaded = new Promise((ok) => loads.set(sessionId, ok));
    await call("Page.navigate", { url }, sessionId);
    await loaded;
    times.push(performance.now() - began);
    await new Promise((ok) => setTimeout(ok, wanted.dwell));
  }
  await call("Target.disposeBrowserContext", { browserContextId });
};
const began = performance.now();
const left = [...wanted.sessions];
await Promise.all(Array.from({ length: wanted.parallel }, async () => { while (left.length) await session(left.shift()); }));
const wall = performance.now() - began;
await call("Browser.close").catch(() => {});
times.sort((a, b) => a - b);
writeSync(1, JSON.stringify({ wall_ms: wall, load_ms: times[times.length >> 1], visits: times.length }) + "\n");
