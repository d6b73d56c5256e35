"""Coverage-guided fuzzing of the parsers, for ``make soak``; the samples are the seeds."""
