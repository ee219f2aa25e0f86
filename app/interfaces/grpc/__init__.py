"""The control plane over gRPC, on a port of its own. Not for gRPC that passes through the gateway."""

import os

# gRPC's core, which reads this when it is loaded, else writes lines of its own to standard error, one for each failed
# handshake of anybody who can connect.
os.environ.setdefault("GRPC_VERBOSITY", "NONE")
