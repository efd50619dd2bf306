// Starts Amplitude's session replay without its analytics: the site itself says who and which session it is.
(function () {
  var started = function () {
    if (!window.sessionReplay) return setTimeout(started, 50);
    window.sessionReplay.init("0123456789abcdef0123456789abcdef", {
      deviceId: "saltmarsh-" + Math.random().toString(36).slice(2),
      sessionId: Date.now(),
      sampleRate: 1,
      flushIntervalConfig: { minIntervalMs: 500, maxIntervalMs: 1000 }
    });
  };
  started();
})();
