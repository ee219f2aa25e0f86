"""Puts stored secrets back where a change only has the mask that stands for them. Not for hiding them: `admin_view`."""

from app.application.services.admin_errors import InvalidConfig
from app.domain.entities.config import ConfigProblem
from app.domain.entities.control import Document, Documents, Stored
from app.domain.policies.planning import sections_of
from app.domain.policies.secret_fields import MASK, unmasked

_REASON = f"{MASK} stands for a secret that is stored here, and none is: give the secret itself, or a reference to it"


def with_secrets(section: str, id_: str, document: Document, stored: Document | None, source: str) -> Document:
    """`document` with what is `stored` in place of each mask. Raises InvalidConfig where nothing is."""
    result, missing = unmasked(section, document, stored)
    if missing:
        raise InvalidConfig(_problems(section, id_, missing, source))
    return result


def all_with_secrets(documents: Documents, stored: Stored, source: str) -> tuple[Documents, list[ConfigProblem]]:
    """The same for a whole configuration, of whatever shape; and what is wrong with it."""
    problems: list[ConfigProblem] = []
    changed: Documents = {}
    for section, entities in sections_of(documents).items():
        known = stored.get(section, {})
        changed[section] = {}
        for id_, document in entities.items():
            changed[section][id_], missing = unmasked(section, document, known[id_].document if id_ in known else None)
            problems += _problems(section, id_, missing, source)
    return ({**documents, **changed} if changed else documents), problems


def _problems(section: str, id_: str, missing: list[str], source: str) -> list[ConfigProblem]:
    return [ConfigProblem(source, f"{section}.{id_}", field, _REASON) for field in missing]
