// Loaded into a server and its model by `--import`: at SIGUSR2 it collects garbage and appends to a file what is alive in its heap and in
// ArrayBuffers, and what is resident, in bytes.
import { appendFileSync } from 'node:fs';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
process.on('SIGUSR2', () => {
  // As V8 does before it gives up for want of memory: several times, also what is only weakly held and cached.
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  // Code and bytecode grow while V8 compiles, for as long as a function is called for the first time or the ten-thousandth.
  const code = getHeapSpaceStatistics()
    .filter(({ space_name }) => /^(code|trusted)_/.test(space_name))
    .reduce((sum, { space_used_size }) => sum + space_used_size, 0);
  // Without `external`: it counts views of llama.cpp's own memory, each as if it were more.
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  appendFileSync(`${process.env.COGUMI_HEAP_FILE}.${process.pid}`, `${heapUsed - code} ${arrayBuffers} ${rss}\n`);
});
