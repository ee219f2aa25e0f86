"""Finds the targets of services: Consul's catalogue and DNS."""
