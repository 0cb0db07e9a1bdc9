// Keys come at a person's pace, however fast the machine: the app tells a scanner's from them by the time that each carries.

const PACE = 100;

let clock = 0;
const times = new WeakMap<Event, number>();

Object.defineProperty(KeyboardEvent.prototype, "timeStamp", {
  configurable: true,
  get(this: KeyboardEvent) {
    const known = times.get(this);
    if (known !== undefined) return known;
    clock += PACE;
    times.set(this, clock);
    return clock;
  },
});
