"""Reads and changes the configuration of a gateway over gRPC: see docs/grpc.md for how to make its two modules.

GATEWAY_ADMIN_TOKEN=… python examples/grpc_client.py 127.0.0.1:8002
"""

import json
import os
import sys

import grpc
from gateway.v1 import config_pb2 as pb  # type: ignore[import-not-found]  # made by protoc
from gateway.v1 import config_pb2_grpc

ROUTE = {"match": {"paths": ["/hello/*"]}, "url": "http://127.0.0.1:9000"}
LARGE = [("grpc.max_receive_message_length", 16 * 1024 * 1024)]
SECONDS = 10


def main(address: str, token: str) -> int:
    """Add a route, show what is stored, and break something."""
    metadata = (("authorization", f"Bearer {token}"),)
    # With TLS: grpc.secure_channel(address, grpc.ssl_channel_credentials(), LARGE)
    with grpc.insecure_channel(address, LARGE) as channel:
        gateway = config_pb2_grpc.ConfigServiceStub(channel)

        edit = pb.Edit(section="routes", id="hello", json=json.dumps(ROUTE))
        change = pb.ApplyRequest(edits=pb.Edits(edits=[edit]))
        answer = gateway.Apply(change, metadata=metadata, timeout=SECONDS)
        print(f"revision {answer.revision}, digest {answer.digest}")

        for entity in gateway.Get(pb.GetRequest(), metadata=metadata, timeout=SECONDS).entities:
            print(f"{entity.section}.{entity.id} at version {entity.version}: {entity.json}")

        broken = pb.Edit(section="routes", id="hello", json=json.dumps({**ROUTE, "priority": "high"}))
        try:
            gateway.Apply(pb.ApplyRequest(edits=pb.Edits(edits=[broken])), metadata=metadata, timeout=SECONDS)
        except grpc.RpcError as error:
            print(f"refused: {error.code().name}")
            for problem in problems_of(error):
                print(f"  {problem.entity}.{problem.field}: {problem.reason}")

        for revision in gateway.Watch(pb.WatchRequest(), metadata=metadata, timeout=SECONDS):
            print(f"live: revision {revision.number} with {revision.routes} routes")
            break
    return 0


def problems_of(error: grpc.RpcError) -> list[pb.Problem]:
    """What is wrong with a configuration; nothing when the error is of another kind."""
    problems = []
    for entry in error.trailing_metadata():
        if entry.key == "grpc-status-details-bin":
            for detail in pb.StatusDetails.FromString(entry.value).details:
                invalid = pb.InvalidConfiguration()
                if detail.Unpack(invalid):
                    problems += invalid.problems
    return problems


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], os.environ["GATEWAY_ADMIN_TOKEN"]))
