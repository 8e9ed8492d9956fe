"""The tensor side of Cogumi: jobs in, files and events out. Decisions and bookkeeping belong to TypeScript."""
