"""The use cases: one service for each thing that the gateway does."""
