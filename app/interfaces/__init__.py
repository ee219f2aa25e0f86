"""The only place that knows ASGI and the command line: what comes in becomes domain values, answers become bytes."""
