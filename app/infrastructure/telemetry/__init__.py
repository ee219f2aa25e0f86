"""What the gateway tells its operators: events and access records. Nothing here ever waits for a slow reader."""
