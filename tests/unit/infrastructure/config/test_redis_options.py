from app.domain.entities.config import SECTIONS
from app.infrastructure.config.redis_options import RedisOptions
from app.infrastructure.config.redis_url import parse_redis_url


def test_names_of_keys() -> None:
    options = RedisOptions(parse_redis_url("redis://:hush@a"), "{g}")
    assert options.sections == {f"{{g}}:{section}": section for section in SECTIONS}
    assert options.key_of("routes") == "{g}:routes"
    keys = (options.errors, options.allow_empty, options.reading, options.changes)
    assert keys == ("{g}:errors", "{g}:allow-empty", "{g}:reading", "{g}:changes")
    assert options.keys == (*options.sections, *keys[:3])
    assert "hush" not in repr(options)
