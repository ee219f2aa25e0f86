"""What the gateway is about: entities, pure decisions and the ports that the outside must supply."""
