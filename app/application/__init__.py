"""What the gateway does with an exchange, over the domain's ports. No protocol, no socket, no third-party package."""
