// Interfaces that tell one browser from another, or that listen to the visitor: the first uses by each script. A
// call that is made thousands of times is looked at ever more rarely.
const uses = none(), stacks = none();
const used = (api, detail) => {
  const n = (uses[api] = (uses[api] || 0) + 1);
  if (n > 40 && (n & (n - 1))) return;
  const stack = stackOf(24), key = api + stack;
  if (stacks[key]) return;
  stacks[key] = 1;
  if (room("api")) tell("api", [api, detail === undefined ? "" : cut(detail, 500)], stack);
};
const watch = (type, p, names, detail) => { if (p) for (const n of names) method(p, n, (self, args) => { used(type + "." + n, detail && detail(args, self)); }); };
const read = (type, p, names) => { if (p) for (const n of names) accessor(p, n, "get", () => { used(type + "." + n); }); };
const first = (args) => typeof args[0] === "object" ? undefined : args[0];
// What hangs on objects that a page has to ask for first: watched from the first one on.
const met = none(), later = none();
const meet = (type, object) => {
  if (!object || met[type] || !later[type]) return;
  met[type] = 1;
  later[type](getPrototypeOf(object));
};
later.WebGLRenderingContext = later.WebGL2RenderingContext = (p) => {
  const type = getOwnPropertyDescriptor(p, "texStorage2D") ? "WebGL2RenderingContext" : "WebGLRenderingContext";
  watch(type, p, ["getParameter", "getExtension", "getSupportedExtensions", "getShaderPrecisionFormat", "getContextAttributes", "readPixels"], first);
};
later.CanvasRenderingContext2D = (p) => {
  const font = getOwnPropertyDescriptor(p, "font")?.get;
  watch("CanvasRenderingContext2D", p, ["getImageData", "isPointInPath", "isPointInStroke"]);
  watch("CanvasRenderingContext2D", p, ["measureText"], (args, self) => font && apply(font, self, []));
};
const CONTEXTS = { __proto__: null, "2d": "CanvasRenderingContext2D", webgl: "WebGLRenderingContext", "experimental-webgl": "WebGLRenderingContext", webgl2: "WebGL2RenderingContext" };
for (const type of ["HTMLCanvasElement", "OffscreenCanvas"]) {
  const p = prototype(type);
  watch(type, p, ["toDataURL", "toBlob", "convertToBlob"], first);
  if (p) method(p, "getContext", (self, args) => {
    used(type + ".getContext", first(args));
    const kind = CONTEXTS[args[0]];
    if (kind) return (context) => meet(type === "OffscreenCanvas" ? type + kind : kind, context);
  });
}
later.OffscreenCanvasCanvasRenderingContext2D = (p) => watch("OffscreenCanvasRenderingContext2D", p, ["getImageData", "measureText"]);
later.OffscreenCanvasWebGLRenderingContext = later.OffscreenCanvasWebGL2RenderingContext = later.WebGLRenderingContext;
{
  let audio = () => {
    audio = undefined;
    watch("BaseAudioContext", prototype("BaseAudioContext"), ["createOscillator", "createDynamicsCompressor", "createAnalyser"]);
    watch("OfflineAudioContext", prototype("OfflineAudioContext"), ["startRendering"]);
    watch("AudioBuffer", prototype("AudioBuffer"), ["getChannelData", "copyFromChannel"]);
    watch("AnalyserNode", prototype("AnalyserNode"), ["getFloatFrequencyData", "getByteFrequencyData", "getFloatTimeDomainData"]);
  };
  for (const n of ["OfflineAudioContext", "AudioContext"]) constructor(n, () => { used(n); if (audio) audio(); });
  let rtc = () => { rtc = undefined; watch("RTCPeerConnection", prototype("RTCPeerConnection"), ["createDataChannel", "createOffer"], first); };
  constructor("RTCPeerConnection", () => { used("RTCPeerConnection"); if (rtc) rtc(); });
}
for (const type of ["Navigator", "WorkerNavigator"]) {
  const p = prototype(type);
  if (!p) continue;
  watch(type, p, ["getBattery", "getGamepads", "requestMIDIAccess", "getInstalledRelatedApps", "javaEnabled"]);
  read(type, p, ["userAgent", "appVersion", "platform", "vendor", "productSub", "language", "languages", "plugins", "mimeTypes", "hardwareConcurrency", "deviceMemory", "maxTouchPoints", "doNotTrack", "globalPrivacyControl", "webdriver", "connection", "cookieEnabled", "pdfViewerEnabled"]);
  for (const [name, kind] of [["userAgentData", "NavigatorUAData"], ["gpu", "GPU"], ["mediaDevices", "MediaDevices"], ["permissions", "Permissions"], ["storage", "StorageManager"], ["keyboard", "Keyboard"], ["geolocation", "Geolocation"]])
    accessor(p, name, "get", () => { if (name === "userAgentData") used(type + "." + name); return (object) => meet(kind, object); });
}
later.NavigatorUAData = (p) => watch("NavigatorUAData", p, ["getHighEntropyValues"], (args) => {
  let out = "";
  for (let i = 0; i < 20 && i < (args[0]?.length ?? 0); i++) out += (i ? "," : "") + cut(args[0][i], 40);
  return out;
});
later.GPU = (p) => watch("GPU", p, ["requestAdapter"]);
later.MediaDevices = (p) => watch("MediaDevices", p, ["enumerateDevices", "getUserMedia"]);
later.Permissions = (p) => watch("Permissions", p, ["query"], (args) => args[0]?.name);
later.StorageManager = (p) => watch("StorageManager", p, ["estimate"]);
later.Keyboard = (p) => watch("Keyboard", p, ["getLayoutMap"]);
later.Geolocation = (p) => watch("Geolocation", p, ["getCurrentPosition", "watchPosition"]);
later.FontFaceSet = (p) => watch("FontFaceSet", p, ["check", "load"], first);
accessor(prototype("Document"), "fonts", "get", () => (object) => meet("FontFaceSet", object));
later.SpeechSynthesis = (p) => watch("SpeechSynthesis", p, ["getVoices"]);
accessor(globalThis, "speechSynthesis", "get", () => (object) => meet("SpeechSynthesis", object));
if (getOwnPropertyDescriptor(globalThis, "queryLocalFonts")) method(globalThis, "queryLocalFonts", () => { used("queryLocalFonts"); });
read("Screen", prototype("Screen"), ["width", "height", "availWidth", "availHeight", "colorDepth", "pixelDepth"]);
watch("Date", prototype("Date"), ["getTimezoneOffset"]);
watch("Intl.DateTimeFormat", globalThis.Intl?.DateTimeFormat?.prototype, ["resolvedOptions"]);
{
  // Whom a script listens to.
  const TYPES = none();
  for (const t of ["keydown", "keyup", "keypress", "beforeinput", "input", "change", "paste", "copy", "cut", "compositionend", "submit", "focusin", "focusout", "click", "mousedown", "mouseup", "mousemove", "mouseover", "pointerdown", "pointerup", "pointermove", "wheel", "scroll", "touchstart", "touchmove", "touchend"]) TYPES[t] = 1;
  const local = getOwnPropertyDescriptor(prototype("Element") ?? {}, "localName")?.get;
  const on = (self) => {
    if (self === undefined || self === null || self === globalThis) return "window";
    if (self === globalThis.document) return "document";
    try { return cut(apply(local, self, []), 60); } catch { return ""; }
  };
  method(prototype("EventTarget"), "addEventListener", (self, args) => {
    const type = args[0];
    if (typeof type !== "string" || !TYPES[type] || !args[1]) return;
    const target = on(self);
    if (target) used("addEventListener " + type, target);
  });
}
