// Loaded into a server (`node --import`): each SIGUSR2 sets its clock, a day forward and two days back in turn, as an operator or NTP may.
const real = Date;
const DAY_MS = 24 * 60 * 60 * 1000;
let offset = 0;
let jumps = 0;
process.on('SIGUSR2', () => {
  offset += jumps++ % 2 === 0 ? DAY_MS : -2 * DAY_MS;
});
globalThis.Date = class extends real {
  constructor(...args) {
    if (args.length === 0) super(real.now() + offset);
    else super(...args);
  }
  static now() {
    return real.now() + offset;
  }
};
