"""The only place that knows ASGI and the command line: turns what comes in into domain values, and answers into bytes."""
