// Whether a field may be typed into, and how much it takes. Runs in an isolated world.
(e, leaveOut) => {
  if (!e || !e.isConnected) return { no: "it is not there any more" };
  if (e.disabled || e.readOnly) return { no: "it cannot be typed into" };
  if (e.value || (e.isContentEditable && e.textContent.trim())) return { no: "it holds something already" };
  const r = e.getBoundingClientRect();
  if (r.width < 2 || r.height < 2) return { no: "it cannot be seen any more" };
  for (const s of leaveOut) {
    try { if (e.closest(s)) return { no: `left out as asked: ${s}` }; } catch { return { no: `'${s}' is no selector` }; }
  }
  return { most: e.maxLength > 0 ? e.maxLength : 0 };
}
