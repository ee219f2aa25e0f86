"""Processes that serve the application: one supervisor, a worker for each server. Knows nothing of the application."""
