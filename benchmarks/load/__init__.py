"""Programs that load a gateway with one kind of work each, and the backend that they need. Not for who is loaded."""
