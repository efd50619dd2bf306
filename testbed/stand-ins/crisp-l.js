// STAND-IN, not Crisp's code. It imitates the public interface of the Crisp chat box (client.crisp.chat/l.js) for the testbed of affiant:
// a chat box (made with deep-chat), a session cookie, and a WebSocket that carries messages and what is being composed.
// Written from public documentation; nothing was copied.
(function () {
  var site = window.CRISP_WEBSITE_ID;
  var session = "session_" + crypto.randomUUID();
  document.cookie = "crisp-client%2Fsession%2F" + site + "=" + session + "; path=/; max-age=15552000; SameSite=Lax";
  var socket = new WebSocket("wss://client.relay.crisp.chat/w/b1/");
  var waiting = [];
  function send(event, data) {
    var frame = JSON.stringify([event, Object.assign({ website_id: site, session_id: session }, data)]);
    if (socket.readyState === 1) socket.send(frame); else waiting.push(frame);
  }
  socket.onopen = function () { waiting.splice(0).forEach(function (frame) { socket.send(frame); }); };
  send("session:set", { page_url: location.href, page_title: document.title });
  var script = document.createElement("script");
  script.type = "module";
  script.src = "https://client.crisp.chat/static/javascripts/client.js";
  script.onload = function () {
    var box = document.createElement("deep-chat");
    box.chatStyle = { width: "100%", height: "420px", borderRadius: "14px", border: "1px solid #d9d4c7" };
    box.style.cssText = "display:block;width:100%";
    box.setAttribute("aria-label", "Chat");
    box.textInput = { placeholder: { text: "Write a message …" } };
    box.history = [{ role: "ai", text: "Hello! I am Ines. Which plant is troubling you?" }];
    box.onInput = function (body) {
      if (body.isUser && body.content.text) send("message:compose:send", { type: "start", excerpt: body.content.text });
    };
    box.connect = {
      handler: function (body, signals) {
        var text = (body.messages[body.messages.length - 1] || {}).text || "";
        send("message:send", { type: "text", content: text });
        setTimeout(function () { signals.onResponse({ text: "Thank you. How often do you water it?" }); }, 400);
      }
    };
    (document.getElementById("crisp-chatbox") || document.body).appendChild(box);
  };
  document.head.appendChild(script);
})();
