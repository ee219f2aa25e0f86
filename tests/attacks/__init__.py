"""Attacks from outside, through a running gateway, by the ids of the catalogue."""
