"""Who depends on whom, and why."""
