"""An API gateway: routes HTTP and WebSocket traffic to backend services."""

__version__ = "0.1.0"
