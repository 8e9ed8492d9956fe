"""One module a job, named as the factory's stage or the contract's job; each has `run(job) -> facts`."""
