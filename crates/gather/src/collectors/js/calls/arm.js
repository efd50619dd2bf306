// Puts the breakpoints in place. Each costs a walk through the heap of the whole process; that walk covers every function
// that is marked in it, in every realm. So in a process that is watched already one is enough, and whether it is shows when
// a marked function is called. Realms that are no secure context lack some functions: of those another one is asked.
const CONSTRUCTORS = { __proto__: null, OfflineAudioContext: 1, AudioContext: 1, RTCPeerConnection: 1 };
const FIRST = "document.cookie", PLAIN = "Screen.pixelDepth", SECURE = "Navigator.deviceMemory";
const arm = () => {
  const mark = (name) => { debug(watched[name].f, 'NAME.called("' + name + '",' + (CONSTRUCTORS[name] ? "undefined" : "this") + ",arguments)"); };
  const answers = (name, self) => {
    if (!watched[name]) return false;
    asking.now = true;
    asking.met = false;
    apply(watched[name].f, self, []);
    asking.now = false;
    return asking.met;
  };
  let already = false, whole = false;
  if (watched[PLAIN]) {
    undebug(watched[FIRST].f);
    mark(FIRST);
    already = answers(PLAIN, screen);
    whole = already && (!isSecureContext || answers(SECURE, navigator));
  }
  for (const name in watched) if (!whole || watched[name].own) mark(name);
};
return { __proto__: null, called, arm };
