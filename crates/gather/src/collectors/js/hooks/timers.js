// Timers that will run later: whoever waits for the page to come to rest must know of them. Shorter ones are over
// before anybody would stop waiting.
const FROM_MS = 300;
{
  const set = none();
  const delayOf = (v) => typeof v === "number" ? v : typeof v === "string" ? +v : 0;
  for (const [name, repeats] of [["setTimeout", "0"], ["setInterval", "1"]]) method(globalThis, name, (self, args) => {
    const delay = delayOf(args[1]);
    if (!(delay >= FROM_MS) || !room("timer")) return;
    const stack = stackOf(8);
    return (id) => { set[id] = 1; tell("timer", [repeats, id, delay], stack); };
  });
  for (const name of ["clearTimeout", "clearInterval"]) method(globalThis, name, (self, args) => {
    const id = args[0];
    if (typeof id === "number" && set[id]) { delete set[id]; tell("timer-gone", [id]); }
  });
  method(prototype("Scheduler"), "postTask", (self, args) => {
    const delay = delayOf(args[1]?.delay);
    if (delay >= FROM_MS && room("timer")) tell("timer", ["0", "task" + told.timer, delay], stackOf(8));
  });
}
