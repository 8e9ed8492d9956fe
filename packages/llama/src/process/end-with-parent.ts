import koffi from 'koffi';

/** `PR_SET_PDEATHSIG` of linux/prctl.h. */
const PARENT_DEATH_SIGNAL = 1;
const SIGKILL = 9;

/**
 * Ends this process when its parent is gone. The closed channel tells so between two passes; within a long pass the
 * kernel does: Linux kills the process at once.
 */
export function endWithParent(): void {
  process.on('disconnect', () => process.exit(0));
  if (process.platform !== 'linux') return;
  const prctl = koffi
    .load('libc.so.6')
    .func('int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)');
  prctl(PARENT_DEATH_SIGNAL, SIGKILL, 0, 0, 0);
  // The parent may have died before the kernel was asked.
  if (!process.connected) process.exit(0);
}
