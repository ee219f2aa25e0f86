"""Every subject, in the order of the tables. A new peer is one directory and one line here."""

from benchmarks.peers.bare import peer as bare
from benchmarks.peers.caddy import peer as caddy
from benchmarks.peers.envoy import peer as envoy
from benchmarks.peers.gateway import peer as gateway
from benchmarks.peers.haproxy import peer as haproxy
from benchmarks.peers.nginx import peer as nginx
from benchmarks.peers.node import peer as node
from benchmarks.rig.subject import Subject

REFERENCES = ("Envoy", "nginx", "HAProxy", "Caddy", "Node http-proxy", "Node, lean gateway")
"""What the others are compared with: the first of these that is measured."""
HIGHLIGHTED = "gateway"
"""How the names begin of what stands out in charts."""
SUBJECTS: tuple[Subject, ...] = (
    *haproxy.SUBJECTS,
    *nginx.SUBJECTS,
    *envoy.SUBJECTS,
    *caddy.SUBJECTS,
    *node.SUBJECTS,
    *gateway.SUBJECTS,
    *bare.SUBJECTS,
)
