"""The whole of a route table as plain values, to compare two; what must hold in every table is asserted on the way."""

from typing import Any

from app.domain.policies.routing import RouteTable
from app.domain.policies.routing_entries import Entry
from app.domain.policies.routing_index import PathIndex
from app.domain.policies.routing_rank import Rank
from app.domain.policies.routing_tree import Node

Shape = dict[str, Any]


def shape_of(table: RouteTable) -> Shape:
    """Two tables of the same routes have equal shapes."""
    return {
        "routes": {id_: route.route for id_, route in table.routes.items()},
        "hosts": {host: index_shape(index) for host, index in table.hosts.items()},
        "suffixes": {suffix: index_shape(index) for suffix, index in table.suffixes.items()},
        "regexes": {text: index_shape(index) for text, (_, index) in table.regexes.items()},
        "any": index_shape(table.any_host) if table.any_host is not None else None,
    }


def index_shape(index: PathIndex) -> Shape:
    """Bounds are left out: of two equal indexes, one may have looser ones."""
    exact = {path: list_shape(entries) for path, entries in index.exact.items()}
    expressions = {text: list_shape(entries) for text, entries in index.regexes.items()}
    tree = node_shape(index.root) if index.root is not None else {}
    assert exact or expressions or tree
    firsts = [entries[0].rank for entries in index.ordered]
    assert firsts == sorted(firsts)
    assert sorted(map(id, index.ordered)) == sorted(map(id, index.regexes.values()))
    assert all(index.first <= rank for rank in [*ranks(exact), *ranks(expressions), *ranks(tree)])
    assert all(index.first_pattern <= rank for rank in ranks(tree))
    return {"exact": exact, "regexes": expressions, "tree": tree}


def node_shape(node: Node) -> Shape:
    """Every segment with what is below it."""
    below: Shape = {f"text {segment}": node_shape(child) for segment, child in node.literals.items()}
    assert node.partials != {}
    assert node.below != []
    for partial, child in (node.partials or {}).items():
        below[f"part {partial.literals}"] = node_shape(child)
    if node.one is not None:
        below["one"] = node_shape(node.one)
    if node.depth is not None:
        below["depth"] = node_shape(node.depth)
    assert node.wild == (node.partials is not None or node.depth is not None)
    if node.ends:
        below["ends"] = list_shape(node.ends)
    if node.below is not None:
        below["below"] = list_shape(node.below)
    assert below
    return below


def list_shape(entries: list[Entry]) -> list[tuple[Rank, str, str]]:
    """Rank, host and path of each."""
    shape = [(entry.rank, entry.host.text, entry.path.text) for entry in entries]
    assert shape
    assert [rank for rank, _, _ in shape] == sorted(rank for rank, _, _ in shape)
    return shape


def ranks(shape: Shape) -> list[Rank]:
    """All ranks anywhere in a shape."""
    found: list[Rank] = []
    for part in shape.values():
        found += ranks(part) if isinstance(part, dict) else [rank for rank, _, _ in part]
    return found
