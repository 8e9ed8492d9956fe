"""The tensor side of Cogumi: jobs in, files and events out. Decisions and bookkeeping belong to TypeScript."""

import os

# torch reads both variables when it loads, which happens after this.
#
# Default for a job that is run by hand: waiting OpenMP threads sleep. A second process on the same two cores made a training
# step 3.5 to 6 times slower when they spun (measured). A build overrides this: it sets GOMP_SPINCOUNT, which takes precedence
# in libgomp, by the load of the machine (packages/factory/src/engine/spin-count.ts; docs/log.md).
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
# cuBLAS repeats its sums bit by bit only with a workspace of fixed size.
os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
