"""What a Consul holds, for `consul_server`: keys with indexes and tombstones, a catalogue with checks. Not a server.

Behaves as Consul's API documents and `agent/consul/state` say, for the parts that the gateway uses.
"""

import asyncio
import base64

from tests.consul_documents import Document, Instance, Key

MOST_OPERATIONS = 64
MOST_VALUE = 512 * 1024
MOST_TRANSACTION = 512 * 1024


class ConsulState:
    """Every change has an index of its own, larger than all before; `changed` wakes who waits."""

    def __init__(self) -> None:
        self.index = 10
        self.keys: dict[str, Key] = {}
        self.tombstones: dict[str, int] = {}
        """Removed key to the index of its removal, until `reap`."""
        self.instances: dict[str, Instance] = {}
        self.service_indexes: dict[str, int] = {}
        self.keys_index = 1
        self.changed = asyncio.Condition()

    async def wake(self) -> None:
        """Tell who waits that something may have changed."""
        async with self.changed:
            self.changed.notify_all()

    def put(self, name: str, value: bytes | str, flags: int = 0) -> None:
        """Set a key; the same value again changes nothing."""
        content = value.encode() if isinstance(value, str) else value
        known = self.keys.get(name)
        if known is not None and (known.value, known.flags) == (content, flags):
            return
        self._keys_changed()
        self.keys[name] = Key(content, known.created if known else self.index, self.index, flags)

    def delete(self, name: str) -> None:
        """Remove a key, if it is there."""
        if self.keys.pop(name, None) is not None:
            self._keys_changed()
            self.tombstones[name] = self.index

    def delete_tree(self, prefix: str) -> None:
        """Remove all keys below a prefix at once."""
        names = [name for name in self.keys if name.startswith(prefix)]
        if names:
            self._keys_changed()
        for name in names:
            del self.keys[name]
            self.tombstones[name] = self.index

    def reap(self) -> None:
        """Forget removals, as Consul does after a while: the index of a list may go backwards."""
        self.tombstones.clear()

    def restore(self, keys: dict[str, bytes], index: int) -> None:
        """As a restored snapshot: other keys, and an index of long ago."""
        self.index = self.keys_index = index
        self.keys = {name: Key(value, index, index) for name, value in keys.items()}
        self.tombstones.clear()

    def list_index(self, prefix: str) -> int:
        """The largest index of a key or removal below the prefix, else that of all keys."""
        found = [key.modified for name, key in self.keys.items() if name.startswith(prefix)]
        found += [index for name, index in self.tombstones.items() if name.startswith(prefix)]
        return max(found, default=max(self.keys_index, 1))

    def register(self, instance: Instance) -> None:
        """Add an instance, or put another in the place of one of the same id."""
        self.index += 1
        instance.index = self.service_indexes[instance.service] = self.index
        self.instances[instance.id] = instance

    def deregister(self, id_: str) -> None:
        """Remove an instance."""
        self.index += 1
        self.service_indexes[self.instances.pop(id_).service] = self.index

    def check(self, id_: str, status: str) -> None:
        """A check of an instance has a new state: `passing`, `warning` or `critical`."""
        instance = self.instances[id_]
        self.index += 1
        instance.status = status
        instance.index = self.service_indexes[instance.service] = self.index

    def service_index(self, service: str) -> int:
        """That of the service, else that of the catalogue."""
        return self.service_indexes.get(service, max(self.service_indexes.values(), default=1))

    def of_service(self, service: str) -> list[Instance]:
        """The instances of a service."""
        return [instance for instance in self.instances.values() if instance.service == service]

    def transact(self, operations: list[Document]) -> tuple[list[Document], list[Document]]:
        """All of the operations and their results, or none and the errors."""
        kept = dict(self.keys), dict(self.tombstones), self.index, self.keys_index
        results: list[Document] = []
        errors: list[Document] = []
        for number, operation in enumerate(operations):
            error = self._operate(operation["KV"], results)
            if error:
                errors.append({"OpIndex": number, "What": error})
        if errors:
            self.keys, self.tombstones, self.index, self.keys_index = kept
            return [], errors
        return results, []

    def _operate(self, operation: Document, results: list[Document]) -> str:
        name, verb, index = operation["Key"], operation["Verb"], operation.get("Index", 0)
        current = self.keys.get(name)
        modified = current.modified if current else 0
        match verb:
            case "cas" if index != modified:
                return f'failed to set key "{name}", index is stale'
            case "set" | "cas":
                self.put(name, base64.b64decode(operation.get("Value") or ""))
                results.append({"KV": {**self.keys[name].document(name), "Value": None}})
            case "check-index" if current is None:
                return f'failed to check index, key "{name}" doesn\'t exist'
            case "check-index" if index != modified:
                return f'failed index check for key "{name}", current modify index {modified} != {index}'
            case "check-not-exists" if current is not None:
                return f'key "{name}" exists'
            case "delete":
                self.delete(name)
            case "check-index" | "check-not-exists":
                pass
            case _:
                return f'unknown KV verb "{verb}"'
        return ""

    def _keys_changed(self) -> None:
        self.index += 1
        self.keys_index = self.index
