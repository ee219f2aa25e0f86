"""Which store the settings name, and what is remembered of it where."""

from pathlib import Path

import pytest

from app.infrastructure.config.consul_repository import ConsulRepository
from app.infrastructure.config.consul_store import ConsulStore
from app.infrastructure.config.file_repository import FileRepository
from app.infrastructure.config.file_store import FileStore
from app.infrastructure.config.redis_repository import RedisRepository
from app.infrastructure.config.redis_store import RedisStore
from app.infrastructure.config.settings import Settings
from app.stores import Stores, consul_options, redis_options
from tests.fakes import RecordedEvents


def stores(tmp_path: Path, **settings: str) -> Stores:
    chosen = {"config": str(tmp_path / "gateway.yaml"), "state_dir": str(tmp_path / "state"), **settings}
    return Stores(Settings.from_environment({}, chosen))


@pytest.mark.parametrize(
    ("store", "repository", "editor", "name"),
    [
        ("file", FileRepository, FileStore, "file {folder}/gateway.yaml"),
        ("redis://user:secret@10.0.0.1:6379/3", RedisRepository, RedisStore, "redis://10.0.0.1:6379/3"),
        ("consul://10.0.0.1:8500", ConsulRepository, ConsulStore, "consul://10.0.0.1:8500/gateway"),
    ],
)
async def test_each_store_is_followed_and_edited_by_its_own_parts(
    tmp_path: Path, store: str, repository: type, editor: type, name: str
) -> None:
    subject = stores(tmp_path, store=store)
    followed = subject.repository(RecordedEvents())
    assert type(followed) is repository
    assert type(subject.editor()) is editor
    assert subject.name == name.format(folder=tmp_path)
    await followed.aclose()


def test_how_stores_are_reached(tmp_path: Path) -> None:
    files = {"store_ca": "ca.pem", "store_cert": "c.pem", "store_key": "k.pem"}
    redis = redis_options(stores(tmp_path, store="rediss://r:1/0", redis_prefix="{gw}", **files).settings)
    assert (redis.place.tls, redis.prefix, redis.ca, redis.cert, redis.key) == (True, "{gw}", *files.values())
    given = {"consul_token": "t", "consul_datacenter": "dc2", "consul_prefix": "a/b"}
    consul = consul_options(stores(tmp_path, store="consuls://c:1", **given, **files).settings)
    assert (consul.url, consul.token, consul.datacenter, consul.prefix) == ("consuls://c:1", "t", "dc2", "a/b")
    assert (consul.ca, consul.cert, consul.key) == tuple(files.values())


def test_what_is_kept_of_one_store_is_not_kept_of_another(tmp_path: Path) -> None:
    events = RecordedEvents()
    for store in ("file", "redis://r:1/0"):
        subject = stores(tmp_path, store=store)
        assert subject.recorder(events) is not None
        assert subject.history().revisions() == []
        assert subject.board().statuses() == []
        assert subject.last_known_good(events).load() is None


def test_without_a_directory_for_state_nothing_is_recorded(tmp_path: Path) -> None:
    assert stores(tmp_path, state_dir="off").recorder(RecordedEvents()) is None


async def test_services_are_looked_up_in_the_consul_of_the_store_else_in_the_local_agent(tmp_path: Path) -> None:
    for store in ("file", "consul://127.0.0.1:1"):
        watch = stores(tmp_path, store=store).watches()("/v1/health/service/users", {})
        await watch.aclose()
