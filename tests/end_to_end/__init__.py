"""The main job as its user has it: a real worker, PostgreSQL and broker, real reports, GitHub's look-alike."""
