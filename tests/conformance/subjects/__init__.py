"""The cases by subject. Not for how they are run."""
