// Lets autoconsent's clicks be made by the browser's own input, as a visitor's are: a click that a script makes is marked
// as such (`isTrusted`), and some platforms take no notice of it. What a pointer cannot reach is clicked as autoconsent
// does. Autoconsent waits for each click. `send` tells the driver; it answers with `__affiantClicked`.
((send) => {
  const asked = [];
  const answer = (at, done) => { const one = asked[at]; if (one && one.done) { const d = one.done; one.done = null; d(done); } };
  globalThis.__affiantClick = (at) => (asked[at] && asked[at].done ? asked[at].element : null);
  globalThis.__affiantClicked = answer;
  const reached = (e) => {
    e.scrollIntoView({ block: "nearest", inline: "nearest", behavior: "instant" });
    const r = e.getBoundingClientRect();
    if (r.width < 1 || r.height < 1) return false;
    const root = e.getRootNode();
    const hit = (root.elementFromPoint ? root : document).elementFromPoint(r.left + r.width / 2, r.top + r.height / 2);
    return !!hit && (hit === e || e.contains(hit));
  };
  // What can be seen and has something else before it, nobody can click.
  const covered = (e) => {
    const r = e.getBoundingClientRect(), x = r.left + r.width / 2, y = r.top + r.height / 2;
    if (r.width < 4 || r.height < 4 || x < 0 || y < 0 || x >= innerWidth || y >= innerHeight) return false;
    for (let n = e; n; n = n.assignedSlot || n.parentElement || (n.getRootNode() instanceof ShadowRoot ? n.getRootNode().host : null)) {
      const s = getComputedStyle(n);
      if (+s.opacity < 0.2 || s.visibility === "hidden") return false;
    }
    const root = e.getRootNode(), hit = (root.elementFromPoint ? root : document).elementFromPoint(x, y);
    return !!hit && !hit.contains(e);
  };
  // A box that is hidden behind its label is operated by the label.
  const target = (e) => [e, ...(e.labels || [])].find((t) => { try { return reached(t); } catch { return false; } });
  const click = (e) => new Promise((done) => {
    const label = (e.innerText || e.getAttribute("aria-label") || e.value || e.title || e.id || "").toString().replace(/\s+/g, " ").trim().slice(0, 80);
    const at = asked.length, there = target(e);
    // A box lies often behind what is drawn for it.
    if (!there && !e.matches("input") && covered(e)) { send({ covered: true, label }); done(); return; }
    asked.push({ element: there || e, done: (ok) => { if (!ok) e.click(); done(); } });
    send({ at, label, real: !!there });
    if (there) setTimeout(() => answer(at, false), 6000);
    else answer(at, false);
  });
  // To hide a banner is no answer to it, and a page whose looks were changed is not the visitor's.
  const hides = () => { send({ hides: true }); return false; };
  // Autoconsent keeps its actions in a field of this name: they are met when it is set, and its file stays as it is.
  Object.defineProperty(Object.prototype, "domActions", {
    configurable: true,
    set(actions) {
      delete Object.prototype.domActions;
      actions.clickElement = async (e) => {
        if (!(e instanceof HTMLElement)) return false;
        await click(e);
        return true;
      };
      actions.click = async function (selector, all = false) {
        const found = Array.from(this.elementSelector(selector));
        for (const e of all ? found : found.slice(0, 1)) await click(e);
        return found.length > 0;
      };
      actions.hide = actions.prehide = hides;
      actions.setStyle = (_, css) => (/none|hidden|opacity|clip|offscreen/.test(String(css)) ? hides() : true);
      actions.removeClass = actions.addStyle = () => true;
      Object.defineProperty(this, "domActions", { value: actions, configurable: true, writable: true, enumerable: true });
    },
  });
})
