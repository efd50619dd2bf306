// Global Privacy Control, as the specification has it: a read-only property of Navigator and of WorkerNavigator.
(() => {
  const like = { get globalPrivacyControl() { return true; } };
  const { get } = Object.getOwnPropertyDescriptor(like, "globalPrivacyControl");
  const proto = Object.getPrototypeOf(navigator);
  Object.defineProperty(proto, "globalPrivacyControl", { get, enumerable: true, configurable: true });
})();
