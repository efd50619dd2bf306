// Interfaces that tell one browser from another. What is called over and over is told ever more rarely.
{
  const CALLS = 400, TOLD = 24;
  const use = (name, f, detail, own) => watch(name, f, CALLS, (self, args, n) => {
    if (n > TOLD && (n & (n - 1))) return;
    const d = detail ? detail(args, self) : undefined;
    if (isObject(d)) tell("api", name, "", "", "", d); else tell("api", name, d === undefined ? "" : "=" + text(d, 500));
  }, own);
  const methods = (type, names, detail) => { for (const n of names) use(type + "." + n, value(prototype(type), n), detail); };
  const attributes = (type, names) => { for (const n of names) use(type + "." + n, getter(prototype(type), n)); };
  const first = (args) => { const a = at(args, 0); return isObject(a) ? undefined : a; };
  const whole = (args) => at(args, 0);
  attributes("Screen", ["pixelDepth", "width", "height", "availWidth", "availHeight", "colorDepth"]);
  for (const type of ["HTMLCanvasElement", "OffscreenCanvas"]) methods(type, ["getContext", "toDataURL", "toBlob", "convertToBlob"], first);
  for (const type of ["CanvasRenderingContext2D", "OffscreenCanvasRenderingContext2D"]) {
    const font = attribute(type, "font");
    methods(type, ["getImageData", "isPointInPath", "isPointInStroke"]);
    methods(type, ["measureText"], (args, self) => font(self));
  }
  for (const type of ["WebGLRenderingContext", "WebGL2RenderingContext"]) methods(type, ["getParameter", "getExtension", "getSupportedExtensions", "getShaderPrecisionFormat", "getContextAttributes", "readPixels"], first);
  for (const name of ["OfflineAudioContext", "AudioContext", "RTCPeerConnection"]) use(name, value(globalThis, name));
  methods("BaseAudioContext", ["createOscillator", "createDynamicsCompressor", "createAnalyser"]);
  methods("OfflineAudioContext", ["startRendering"]);
  methods("AudioBuffer", ["getChannelData", "copyFromChannel"]);
  methods("AnalyserNode", ["getFloatFrequencyData", "getByteFrequencyData", "getFloatTimeDomainData"]);
  methods("RTCPeerConnection", ["createDataChannel", "createOffer"], first);
  for (const type of ["Navigator", "WorkerNavigator"]) {
    methods(type, ["getBattery", "getGamepads", "requestMIDIAccess", "getInstalledRelatedApps", "javaEnabled"]);
    attributes(type, ["userAgent", "appVersion", "platform", "vendor", "productSub", "language", "languages", "plugins", "mimeTypes", "hardwareConcurrency", "deviceMemory", "maxTouchPoints", "doNotTrack", "globalPrivacyControl", "webdriver", "connection", "cookieEnabled", "pdfViewerEnabled", "userAgentData"]);
  }
  methods("NavigatorUAData", ["getHighEntropyValues"], whole);
  methods("GPU", ["requestAdapter"]);
  methods("MediaDevices", ["enumerateDevices", "getUserMedia"]);
  methods("Permissions", ["query"], whole);
  methods("StorageManager", ["estimate"]);
  methods("Keyboard", ["getLayoutMap"]);
  methods("Geolocation", ["getCurrentPosition", "watchPosition"]);
  methods("FontFaceSet", ["check", "load"], first);
  methods("SpeechSynthesis", ["getVoices"]);
  use("queryLocalFonts", value(globalThis, "queryLocalFonts"));
  use("Date.getTimezoneOffset", Date.prototype.getTimezoneOffset, undefined, true);
  use("Intl.DateTimeFormat.resolvedOptions", Intl.DateTimeFormat.prototype.resolvedOptions, undefined, true);
}
