"""The steps that a route may list: one file each, and the registry that knows them by name."""
