"""Keys and instances as Consul's HTTP API gives them, for `consul_state`. Not for what happens to them."""

import base64
from dataclasses import dataclass, field
from typing import Any

Document = dict[str, Any]


@dataclass
class Key:
    """One key."""

    value: bytes
    created: int
    modified: int
    flags: int = 0

    def document(self, name: str) -> Document:
        """As the API gives it."""
        return {
            "LockIndex": 0,
            "Key": name,
            "Flags": self.flags,
            "Value": base64.b64encode(self.value).decode() if self.value else None,
            "CreateIndex": self.created,
            "ModifyIndex": self.modified,
        }


@dataclass
class Instance:
    """One instance of a service, on a node of its own."""

    id: str
    service: str
    address: str
    port: int
    status: str = "passing"
    tags: list[str] = field(default_factory=list)
    node_address: str = "10.9.9.9"
    passing: int = 1
    warning: int = 1
    index: int = 0

    def document(self) -> Document:
        """As `GET /v1/health/service/` gives it."""
        indexes = {"CreateIndex": self.index, "ModifyIndex": self.index}
        node = f"node-{self.id}"
        return {
            "Node": {
                "ID": "40e4a748-2192-161a-0510-9bf59fe950b5",
                "Node": node,
                "Address": self.node_address,
                "Datacenter": "dc1",
                "TaggedAddresses": {"lan": self.node_address, "wan": self.node_address},
                "Meta": {"consul-network-segment": ""},
                **indexes,
            },
            "Service": {
                "ID": self.id,
                "Service": self.service,
                "Tags": self.tags,
                "Address": self.address,
                "Meta": None,
                "Port": self.port,
                "Weights": {"Passing": self.passing, "Warning": self.warning},
                "EnableTagOverride": False,
                "Proxy": {"MeshGateway": {}, "Expose": {}},
                **indexes,
            },
            "Checks": [
                self._check(node, "serfHealth", "Serf Health Status", "", "passing"),
                self._check(node, f"service:{self.id}", f"Service '{self.service}' check", self.id, self.status),
            ],
        }

    def _check(self, node: str, id_: str, name: str, service_id: str, status: str) -> Document:
        return {
            "Node": node,
            "CheckID": id_,
            "Name": name,
            "Status": status,
            "Notes": "",
            "Output": "",
            "ServiceID": service_id,
            "ServiceName": self.service if service_id else "",
            "ServiceTags": [],
            "Type": "ttl",
            "Definition": {},
            "CreateIndex": self.index,
            "ModifyIndex": self.index,
        }
