"""One module per job, named like the job in the contracts; each has `run(job) -> facts`."""
