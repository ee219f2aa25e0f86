"""How clients talk to the gateway: the gateway's own HTTP server, which speaks ASGI. Knows nothing of routes."""
