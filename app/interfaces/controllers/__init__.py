"""Raw ASGI endpoints, one a file."""
