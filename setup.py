"""Builds the package. With GATEWAY_COMPILED=1 the hot path is compiled by mypyc (docs/decisions/0011-compiled.md).

Left out are modules whose classes are msgspec Structs with options, which mypyc would drop.
"""

import os
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

from setuptools import Extension, setup

HOT = {
    "app": "build",
    "app/domain/entities": "decision exchange flow identity request response",
    "app/domain/policies": (
        "address_rate addresses challenges client_networks debugging forwarding gcra hosts identifiers identities"
        " limit_keys load_balancing occasions paths quota rate_limit_fields retry routing routing_builder"
        " routing_copies routing_index routing_parts routing_tree shedding sliding_window token_claims token_fields"
        " token_places token_requirements upstream_signing via"
    ),
    "app/application": "pipeline",
    "app/application/filters": "access api_key concurrency jwt rate_limit",
    "app/application/services": (
        "answers consumer_limits credential_gate failure_guard forwarder lease limit_asker limit_teller live_issuer"
        " monitoring_service proxy_service resumed_body several_issuers token_memory tunnel"
    ),
    "app/infrastructure/downstream": (
        "client_tls cycle hpack_decoder hpack_encoder hpack_errors hpack_huffman hpack_integers hpack_tables"
        " http1_answer http1_chunks http1_connection http1_cycle http1_ending http1_fields http1_framing http1_head"
        " http1_line http1_reader http1_serving http2_answer http2_connection http2_controls http2_fields"
        " http2_floods http2_flow http2_frames http2_link http2_outflow http2_outlet http2_pipe http2_reader"
        " http2_requests http2_settings http2_stream http2_streams http2_watch inbox request_head scope site"
        " websocket_doors websocket_exchange websocket_scope websocket_session"
    ),
    "app/infrastructure/ratelimit": "shared_memory shared_memory_counters shared_memory_table",
    "app/infrastructure/telemetry": (
        "access_line access_log batch_writer metrics_file plain_text redaction request_metrics"
    ),
    "app/infrastructure/transport": (
        "http1_body http1_connection http1_failures http1_head http1_reader http1_upload pool upstream"
        " websocket_handshake"
    ),
    "app/infrastructure/wire": (
        "sweeper websocket_frames websocket_inbox websocket_link websocket_liveness websocket_reader websocket_writer"
    ),
    "app/interfaces": "admission finishing flights guard inbound_body intake reply websocket_peer websocket_sender",
    "app/interfaces/controllers": "gateway_controller",
}


def to_compile() -> list[str]:
    """What compiling needs: the compiler, and everything whose types it looks at."""
    project = tomllib.loads((Path(__file__).parent / "pyproject.toml").read_text())["project"]
    types = [need for need in project["optional-dependencies"]["dev"] if need.startswith(("mypy", "types-"))]
    return [*project["dependencies"], *types]


def extensions() -> list[Extension]:
    """The compiled modules; none yet while a builder asks (by `egg_info`) what to install first."""
    if find_spec("mypyc") is None:
        if "egg_info" in sys.argv:
            return []
        sys.exit("GATEWAY_COMPILED=1 needs mypy, which is not installed: pip install mypy, or build with isolation")
    from mypyc.build import mypycify

    return mypycify([f"{folder}/{name}.py" for folder, names in HOT.items() for name in names.split()], opt_level="3")


if os.environ.get("GATEWAY_COMPILED") == "1":
    setup(ext_modules=extensions(), setup_requires=to_compile())
else:
    setup()
