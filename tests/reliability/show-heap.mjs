// Loaded into a server and its model by `--import`: at SIGUSR2 it collects garbage and appends what is alive in its heap and in
// ArrayBuffers, and what is resident, in bytes, to a file.
import { appendFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
process.on('SIGUSR2', () => {
  // Twice: what finalizers let go of is freed by the second.
  collect();
  collect();
  // Without `external`: it counts views of llama.cpp's own memory, each as if it were more.
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  appendFileSync(`${process.env.COGUMI_HEAP_FILE}.${process.pid}`, `${heapUsed} ${arrayBuffers} ${rss}\n`);
});
