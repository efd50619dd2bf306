// Timers that will run later: whoever waits for the page to come to rest must know of them. Shorter ones are over
// before anybody would stop waiting. A timer's number is not known when it is set, but numbers are given in order.
{
  const TIMERS = 2000, FROM_MS = 300;
  const set = { __proto__: null };
  let number = 0;
  const delayOf = (v) => typeof v === "number" ? v : typeof v === "string" ? +v : 0;
  for (const [name, repeats] of [["setTimeout", "0"], ["setInterval", "1"]]) watch(name, globalThis[name], TIMERS, (self, args) => {
    if (!args.length) return;
    number++;
    const delay = delayOf(at(args, 1));
    if (!(delay >= FROM_MS)) return;
    set[number] = 1;
    tell("timer", repeats, number, delay);
  });
  for (const name of ["clearTimeout", "clearInterval"]) watch(name, globalThis[name], TIMERS, (self, args) => {
    const id = at(args, 0);
    if (typeof id === "number" && set[id]) { delete set[id]; tell("timer-gone", id); }
  });
}
