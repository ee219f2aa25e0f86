"""Faults and attacks on a running gateway, by their ids: injected, held under load, healed. Not for single parts."""
