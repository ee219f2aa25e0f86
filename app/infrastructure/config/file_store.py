"""The ConfigStore over the configuration file: YAML and JSON are edited in place, TOML is only read.

Not for following it: `file_repository`.
"""

import asyncio
import stat
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from app.domain.control_ports import StoreConflict, StoreRejected, StoreUnavailable
from app.domain.entities.config import SECTIONS
from app.domain.entities.control import Documents, Edit, Stored, StoredEntity
from app.infrastructure.config import field_path, file_replacement
from app.infrastructure.config.documents import DocumentError, parse
from app.infrastructure.config.file_changes import State, state_of
from app.infrastructure.config.file_repository import MAX_SIZE
from app.infrastructure.config.json_edit import edit_json
from app.infrastructure.config.json_values import canonical, version_of
from app.infrastructure.config.plain import Plainer, TooMuch
from app.infrastructure.config.yaml_edit import CannotEdit, edit_yaml

Editor = Callable[[str, dict[str, Any], dict[str, Any]], str]

EDITORS: Final[dict[str, Editor]] = {
    ".yaml": edit_yaml,
    ".yml": edit_yaml,
    ".json": lambda text, _, new: edit_json(text, new),
}
"""Suffix to what changes a text of that format."""


class FileStore:
    """A file that is not there is an empty configuration, and is made by the first write. `max_size` is in bytes."""

    def __init__(self, path: str | Path, max_size: int = MAX_SIZE) -> None:
        self._path = Path(path)
        self._max_size = max_size
        self._known: tuple[State, Stored] | None = None

    @property
    def name(self) -> str:
        """See the port."""
        return f"file {self._path}"

    async def read(self) -> Stored:
        """See the port. References stay as they are written; anchors and merged mappings are written out.

        What is given is given again until the file changes: it must not be changed.
        """
        return await asyncio.to_thread(self._stored)

    async def write(self, edits: Sequence[Edit]) -> None:
        """See the port. A later edit of an entity comes on top of an earlier one. Equal content is not written."""
        await asyncio.to_thread(self._write, edits)

    def _stored(self) -> Stored:
        state, known = state_of(self._path), self._known
        if known is not None and known[0] == state:
            return known[1]
        document = self._parsed(self._read(self._path))
        stored = {
            section: {id_: StoredEntity(entity, version_of(entity)) for id_, entity in entities.items()}
            for section, entities in self._sections(document).items()
        }
        self._known = state, stored
        return stored

    def _write(self, edits: Sequence[Edit]) -> None:
        suffix = self._path.suffix.lower()
        editor = EDITORS.get(suffix)
        if editor is None:
            raise self._rejected(f"{suffix or 'such a file'} is only read: edit the file yourself, or use YAML or JSON")
        file = file_replacement.final_file(self._path)
        with file_replacement.locked(file):
            data = self._read(file)
            before = self._parsed(data)
            sections = self._sections(before)
            after = self._edited(sections, edits)
            if canonical(after) == canonical(sections):
                return
            wanted = {**before, **{name: kept for name, kept in after.items() if kept or before.get(name)}}
            file_replacement.replace(file, self._changed(editor, data.decode(), before, wanted))

    def _changed(self, editor: Editor, text: str, before: dict[str, Any], wanted: dict[str, Any]) -> bytes:
        """What the file becomes: never what would be read as something else than `wanted`. Raises StoreRejected."""
        try:
            data = editor(text, before, wanted).encode()
        except CannotEdit as error:
            raise self._rejected(str(error)) from None
        if len(data) > self._max_size:
            raise self._rejected(f"would be larger than {self._max_size} bytes (GATEWAY_MAX_CONFIG)")
        # The editor of YAML has looked itself.
        if editor is not edit_yaml and canonical(self._parsed(data)) != canonical(wanted):
            raise self._rejected("what it would become is not what was asked for; edit the file yourself")
        return data

    def _edited(self, before: Documents, edits: Sequence[Edit]) -> Documents:
        """The documents with `edits`. Raises StoreConflict, StoreRejected."""
        after = {section: dict(entities) for section, entities in before.items()}
        for edit in edits:
            if edit.section not in SECTIONS:
                raise self._rejected(f"has no section {edit.section!r}")
            entities = after[edit.section]
            if edit.expected is not None:
                found = version_of(entities[edit.id]) if edit.id in entities else ""
                if found != edit.expected:
                    raise StoreConflict(edit.section, edit.id)
            if edit.document is None:
                entities.pop(edit.id, None)
            else:
                entities[edit.id] = self._plain(edit)
        return after

    def _plain(self, edit: Edit) -> object:
        plainer = Plainer(_as_written)
        try:
            copied = plainer.copy({edit.id: edit.document}, (edit.section,))
        except TooMuch as error:
            raise self._rejected(f"{edit.section}.{edit.id}: {error}") from None
        for path, reason in plainer.problems:
            raise self._rejected(f"{field_path.render(path)}: {reason}")
        assert isinstance(copied, dict)  # noqa: S101  # a mapping was given
        return copied[edit.id]

    def _read(self, file: Path) -> bytes:
        """What is in the file, nothing when there is none. Raises StoreRejected, StoreUnavailable."""
        try:
            if not stat.S_ISREG(file.stat().st_mode):
                raise self._rejected("is no regular file")
            with file.open("rb") as opened:
                data = opened.read(self._max_size + 1)
        except FileNotFoundError:
            return b""
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise StoreUnavailable(f"{self._path}: cannot be read: {reason}") from None
        if len(data) > self._max_size:
            raise self._rejected(f"is larger than {self._max_size} bytes (GATEWAY_MAX_CONFIG)")
        return data

    def _parsed(self, data: bytes) -> dict[str, Any]:
        """The document as plain values. Raises StoreRejected with the first line that is wrong."""
        try:
            document = parse(data, self._path.suffix)
            plainer = Plainer(_as_written)
            value = plainer.copy(document.value)
        except DocumentError as error:
            raise self._rejected(error.reason, error.line) from None
        except TooMuch as error:
            raise self._rejected(str(error)) from None
        for path, reason in [*document.problems, *plainer.problems]:
            place = f"{field_path.render(path)}: " if path else ""
            raise self._rejected(place + reason, document.line_of(path))
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise self._rejected("expected a mapping of sections", 1)
        for section in SECTIONS:
            if not isinstance(value.get(section) or {}, dict):
                raise self._rejected(f"{section}: expected a mapping of ids", document.line_of((section,)))
        return value

    def _sections(self, document: dict[str, Any]) -> Documents:
        return {section: document.get(section) or {} for section in SECTIONS}

    def _rejected(self, reason: str, line: int = 0) -> StoreRejected:
        place = f"{self._path}:{line}" if line else str(self._path)
        return StoreRejected(f"{place}: {reason}")


def _as_written(text: str) -> str:
    """References are what is stored, not what they stand for."""
    return text
