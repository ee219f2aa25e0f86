"""Builds the package. With GATEWAY_COMPILED=1 the hot path is compiled by mypyc (docs/decisions/0011-compiled.md).

Left out are modules whose classes are msgspec Structs with options, which mypyc would drop.
"""

import os

from setuptools import setup

HOT = {
    "app": "build",
    "app/domain/entities": "exchange request response",
    "app/domain/policies": (
        "addresses forwarding hosts identifiers load_balancing paths retry routing routing_index routing_tree via"
    ),
    "app/application": "pipeline",
    "app/application/services": "answers forwarder lease monitoring_service proxy_service resumed_body tunnel",
    "app/infrastructure/transport": (
        "http1_body http1_connection http1_failures http1_head http1_reader http1_upload pool sweeper upstream"
        " websocket_frames websocket_handshake websocket_inbox websocket_liveness websocket_peer websocket_reader"
        " websocket_writer"
    ),
    "app/interfaces": "finishing flights guard inbound_body intake reply websocket_peer websocket_sender",
    "app/interfaces/controllers": "gateway_controller",
}

if os.environ.get("GATEWAY_COMPILED") == "1":
    from mypyc.build import mypycify

    paths = [f"{folder}/{name}.py" for folder, names in HOT.items() for name in names.split()]
    setup(ext_modules=mypycify(paths, opt_level="3"), setup_requires=["mypy>=2.4"])
else:
    setup()
