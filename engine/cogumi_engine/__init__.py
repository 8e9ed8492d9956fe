"""The tensor side of Cogumi: jobs in, files and events out. Decisions and bookkeeping belong to TypeScript."""

import os

# Both are read when torch loads, which happens after this.
# Threads sleep while they wait for each other instead of spinning: with another process on the same two cores a training
# step took 3.5 to 6 times as long without it, to the same bytes (measured; docs/log.md).
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
# cuBLAS repeats its sums bit by bit only with a workspace of fixed size.
os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
