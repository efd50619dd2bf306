// Every host is asked for in every way; `way` in the path says which.
const asked = new URLSearchParams(location.search);
const port = asked.get("port"), udp = asked.get("udp"), hop = asked.get("hop");
const hosts = ["127.0.0.1", "[::1]", "2130706433", "0177.0.0.1", "0x7f.1", "localhost", "localhost.", "a.localhost",
  "0.0.0.0", "[::ffff:127.0.0.1]", "[64:ff9b::127.0.0.1]", "[2002:7f00:1::]"];
const quiet = (what) => { try { const p = what(); if (p && p.catch) p.catch(() => {}); } catch {} };
const add = (name, set) => document.body.appendChild(Object.assign(document.createElement(name), set));
const everywhere = (at, far) => {
  const web = (way) => "http://" + at + "/" + way;
  quiet(() => fetch(web("fetch"), { mode: "no-cors" }));
  quiet(() => fetch(web("keepalive"), { mode: "no-cors", method: "POST", body: "x", keepalive: true }));
  quiet(() => fetch("https://" + at + "/fetch-tls", { mode: "no-cors" }));
  quiet(() => navigator.sendBeacon(web("beacon"), "x"));
  quiet(() => new WebSocket("ws://" + at + "/socket"));
  quiet(() => new WebSocket("wss://" + at + "/socket-tls"));
  quiet(() => new EventSource(web("events")));
  quiet(() => add("img", { src: web("image") }));
  quiet(() => add("script", { src: web("script") }));
  quiet(() => add("link", { rel: "stylesheet", href: web("style") }));
  quiet(() => add("link", { rel: "preconnect", href: web("preconnect") }));
  quiet(() => add("link", { rel: "prefetch", href: web("prefetch") }));
  quiet(() => add("iframe", { src: web("frame") }));
  if (far) return;
  quiet(() => add("video", { src: web("video") }));
  quiet(() => add("object", { data: web("object") }));
  quiet(() => fetch("http://" + hop + "/to?http://" + at + "/hopped", { mode: "no-cors" }));
  quiet(() => add("iframe", { src: "http://" + hop + "/to?http://" + at + "/hopped-frame" }));
  quiet(() => add("iframe", { srcdoc: '<meta http-equiv="refresh" content="0;url=' + web("refreshed") + '">' }));
};
for (const host of hosts) everywhere(host + ":" + port);
everywhere("169.254.169.254", true);
quiet(() => { const form = document.getElementById("form"); form.action = "http://127.0.0.1:" + port + "/form"; form.submit(); });
quiet(() => { const link = document.getElementById("link"); link.ping = "http://127.0.0.1:" + port + "/ping"; link.click(); });
quiet(() => open("http://127.0.0.1:" + port + "/popup"));

const inside = (way) => `
  fetch("http://127.0.0.1:${port}/${way}", { mode: "no-cors" }).catch(() => {});
  try { new WebSocket("ws://127.0.0.1:${port}/${way}-socket"); } catch {}`;
const script = (way) => URL.createObjectURL(new Blob([inside(way)], { type: "text/javascript" }));
quiet(() => new Worker(script("worker")));
quiet(() => new SharedWorker(script("shared-worker")));
quiet(() => navigator.serviceWorker.register("/sw.js?port=" + port));

// Datagrams, and streams that are none of HTTP's.
quiet(() => {
  const urls = ["stun:127.0.0.1:" + udp, "stun:localhost:" + udp, "turn:127.0.0.1:" + udp + "?transport=udp",
    "turn:127.0.0.1:" + port + "?transport=tcp", "turns:127.0.0.1:" + port + "?transport=tcp"];
  const peer = new RTCPeerConnection({ iceServers: [{ urls, username: "u", credential: "p" }] });
  peer.createDataChannel("x");
  // A peer that says that it is there, over UDP and TCP.
  return peer.createOffer().then((offer) => peer.setLocalDescription(offer)).then(() => {
    const other = new RTCPeerConnection();
    return other.setRemoteDescription(peer.localDescription)
      .then(() => other.createAnswer())
      .then((answer) => other.setLocalDescription(answer).then(() => peer.setRemoteDescription(answer)))
      .then(() => {
        for (const line of ["1 udp 2130706431 127.0.0.1 " + udp + " typ host", "1 tcp 1518280447 127.0.0.1 " + port + " typ host tcptype passive"])
          quiet(() => peer.addIceCandidate({ candidate: "candidate:1 " + line, sdpMid: "0", sdpMLineIndex: 0 }));
      });
  });
});
quiet(() => { const t = new WebTransport("https://127.0.0.1:" + udp + "/transport"); t.closed.catch(() => {}); return t.ready; });

// What is allowed works.
quiet(() => {
  const echo = new WebSocket(location.origin.replace("http", "ws") + "/echo");
  echo.onopen = () => echo.send("who is there");
});
