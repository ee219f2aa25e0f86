"""Where the counts of limits are kept: memory that the workers of a host share, and a Redis for a whole cluster."""
