"""Implements the domain's ports with the technology that each file is named after."""
