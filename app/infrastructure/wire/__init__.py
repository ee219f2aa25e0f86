"""What both sides of the gateway need to speak: WebSocket frames, deadlines. Not for connections to anybody."""
