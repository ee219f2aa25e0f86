"""Where configuration and settings come from: files, environment, and the copy of the last one that worked."""
