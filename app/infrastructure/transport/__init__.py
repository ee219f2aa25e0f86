"""How the gateway talks to targets. Not for what it says: that is the forwarder's."""
