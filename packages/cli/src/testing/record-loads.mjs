// Preloaded into every Node process of a command (`NODE_OPTIONS=--import`). Appends to the file RECORD_LOADS one line for each
// module that is loaded (`load <url>`) and each program that is started (`start <path> <arguments>`).
import childProcess, { ChildProcess } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { registerHooks, syncBuiltinESMExports } from 'node:module';

const record = (...words) => appendFileSync(process.env.RECORD_LOADS, `${words.join(' ')}\n`);

registerHooks({
  load(url, context, nextLoad) {
    record('load', url);
    return nextLoad(url, context);
  },
});

// `spawn`, `exec`, `execFile` and `fork` all end here.
const start = ChildProcess.prototype.spawn;
ChildProcess.prototype.spawn = function spawn(options) {
  record('start', options.file, ...(options.args ?? []));
  return start.call(this, options);
};
for (const name of ['spawnSync', 'execFileSync', 'execSync']) {
  const original = childProcess[name];
  childProcess[name] = (program, ...rest) => {
    record('start', program, Array.isArray(rest[0]) ? rest[0].join(' ') : '');
    return original(program, ...rest);
  };
}
syncBuiltinESMExports();
