"""The admin API: the control plane over HTTP, an ASGI application of its own (A-68)."""
