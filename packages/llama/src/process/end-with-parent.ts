import koffi from 'koffi';

/** `PR_SET_PDEATHSIG` of linux/prctl.h. */
const PARENT_DEATH_SIGNAL = 1;
const SIGKILL = 9;

/**
 * Ends this process when its parent has died. Between two passes the closed channel shows it. During a long pass the kernel
 * has to act: Linux kills the process at once.
 */
export function endWithParent(): void {
  process.on('disconnect', () => process.exit(0));
  if (process.platform !== 'linux') return;
  const prctl = koffi
    .load('libc.so.6')
    .func('int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)');
  prctl(PARENT_DEATH_SIGNAL, SIGKILL, 0, 0, 0);
  // The parent may have died before this call.
  if (!process.connected) process.exit(0);
}
