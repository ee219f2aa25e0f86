"""Every workload, in the order of a run. A new one is a class and one line here."""

from benchmarks.rig.alone import Routes
from benchmarks.rig.policy import Policy
from benchmarks.rig.requests import Http1, Http2, Latency
from benchmarks.rig.transfers import Idle, Transfer, WebSocket
from benchmarks.rig.workload import Workload

WORKLOADS: tuple[Workload | Routes, ...] = (
    Http1(),
    Http2(),
    Policy(),
    Latency(),
    Transfer("download", "from the service"),
    Transfer("upload", "to the service"),
    WebSocket(),
    Idle(),
    Routes(),
)
