from app.infrastructure.security.key_set import KeySet, ReadyKey


def yes(_: bytes, __: bytes) -> bool:
    return True


def no(_: bytes, __: bytes) -> bool:
    return False


def test_a_key_is_found_by_its_id_and_algorithm() -> None:
    keys = KeySet([ReadyKey("a", {"RS256": yes}), ReadyKey("b", {"RS256": no, "PS256": no})], named=True)
    assert keys.find("a", "RS256") is yes
    assert keys.find("b", "RS256") is no
    assert keys.find("a", "PS256") is None
    assert keys.find("c", "RS256") is None


def test_a_token_without_an_id_has_the_only_key_that_fits() -> None:
    keys = KeySet([ReadyKey("a", {"RS256": yes}), ReadyKey(None, {"RS256": no, "PS256": no})], named=True)
    assert keys.find(None, "RS256") is None
    assert keys.find(None, "PS256") is no
    assert keys.find("x", "PS256") is None


def test_three_keys_are_no_clearer_than_two() -> None:
    keys = KeySet([ReadyKey(str(n), {"RS256": yes}) for n in range(3)], named=True)
    assert keys.find(None, "RS256") is None


def test_keys_whose_ids_are_not_the_issuers_serve_any_id() -> None:
    keys = KeySet([ReadyKey("old", {"RS256": yes})], named=False)
    assert keys.find("whatever", "RS256") is yes
    two = KeySet([ReadyKey("old", {"RS256": yes}), ReadyKey("new", {"RS256": no})], named=False)
    assert two.find("new", "RS256") is no
    assert two.find("whatever", "RS256") is None


def test_of_two_keys_of_one_id_the_first_counts() -> None:
    assert KeySet([ReadyKey("a", {"RS256": yes}), ReadyKey("a", {"RS256": no})], named=True).find("a", "RS256") is yes
