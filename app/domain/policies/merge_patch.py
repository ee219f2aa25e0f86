"""JSON Merge Patch (RFC 7396). Not for what a patched document means."""

from typing import Any


def merge_patch(target: Any, patch: Any) -> Any:
    """`target` with the changes of `patch`: null removes a member, an object merges, anything else replaces.

    The algorithm of RFC 7396 section 2. Neither argument is changed.
    """
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patch(merged.get(name), value)
    return merged
