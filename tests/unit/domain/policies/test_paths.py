"""One spelling for each path, and refusals for what two programs may read differently (P-44..P-52)."""

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import DownstreamError
from app.domain.policies.paths import canonical_path, canonical_text, check_query, fold

UNRESERVED = string.ascii_letters + string.digits + "-._~"
PIECES = st.sampled_from(
    ["/", "//", ".", "..", "a", "Z", "%2e", "%2E", "%2f", "%5C", "%41", "%7e", "%20", "%C3%A9", "%c3", "%40", "@", ";",
     "%", "%0", "%zz", "%00", "\\", "#", "?", "|", "\x01", " ", "é", "{", "~", "*", "%25", "2e"]
)  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        (b"/", "/"),
        (b"/users/42", "/users/42"),
        (b"/users/", "/users/"),
        (b"/a!$&'()*+,;=:@-._~", "/a!$&'()*+,;=:@-._~"),
        (b"/.well-known/x", "/.well-known/x"),
        (b"/a/...", "/a/..."),
        (b"/a..b/.c", "/a..b/.c"),
        (b"/%7ejo/%41%2d%2E%5f", "/~jo/A-._"),
        (b"/a%20b", "/a%20b"),
        (b"/caf%c3%a9", "/caf%C3%A9"),
        (b"/%e2%82%AC/%F0%9F%98%80", "/%E2%82%AC/%F0%9F%98%80"),
        (b"//a///b//", "/a/b/"),
        (b"/%2", None),
        (b'/a|b[c]{d}^`"<>', "/a%7Cb%5Bc%5D%7Bd%7D%5E%60%22%3C%3E"),
        (b"/a%2B%40%3b", "/a%2B%40%3B"),
        (b"/%252e%252e/", "/%252e%252e/"),
        (b"/a;b=1/c", "/a;b=1/c"),
    ],
)
def test_canonical_form(raw: bytes, path: str | None) -> None:
    if path is None:
        with pytest.raises(DownstreamError):
            canonical_path(raw)
    else:
        assert canonical_path(raw) == (path, False)


@pytest.mark.parametrize(
    ("raw", "path"),
    [(b"/a%2fb", "/a%2Fb"), (b"/a%5cb", "/a%5Cb"), (b"/%2F", "/%2F"), (b"/a%2F%2fb", "/a%2F%2Fb")],
)
def test_encoded_slashes_are_kept_and_told_of(raw: bytes, path: str) -> None:
    assert canonical_path(raw) == (path, True)


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"users", b"*", b"http://a/", b"%2Fa",
        b"/a b", b"/a#b", b"/a?b", b"/a\\b", b"/caf\xc3\xa9", b"/a\tb", b"/a\x00", b"/a\r\n", b"/\x7f",
        b"/%", b"/%1", b"/%zz", b"/a%g0", b"/%+1", b"/a%%20",
        b"/%00", b"/a%0d%0ab", b"/%0A", b"/%1f", b"/%7f", b"/%7F",
        b"/%c3", b"/%c3a", b"/%ff", b"/%c0%af", b"/%e0%80%af", b"/%c0%80", b"/%ed%a0%80", b"/%f5%80%80%80", b"/%c3/%a9",
        b"/.", b"/..", b"/a/../b", b"/a/./b", b"/a/..", b"/a/.", b"/%2e", b"/%2E%2e/", b"/.%2e/", b"/a/%2e./b",
        b"//..//", b"/..;/admin", b"/..;x=1/admin", b"/..%3b/admin", b"/.;/a", b"/a%2f..", b"/a/..%2Fb", b"/a%5C..%5Cb",
    ],
)  # fmt: skip
def test_refused(raw: bytes) -> None:
    with pytest.raises(DownstreamError) as caught:
        canonical_path(raw)
    assert caught.value.status == 400
    assert caught.value.code == "bad_path"
    assert caught.value.detail.startswith("the path ")


@given(st.binary(max_size=40) | st.lists(PIECES, max_size=12).map(lambda parts: "".join(["/", *parts]).encode()))
def test_any_bytes_give_a_safe_path_or_a_refusal(raw: bytes) -> None:
    try:
        path, encoded_slash = canonical_path(raw)
    except DownstreamError:
        return
    assert canonical_path(path.encode()) == (path, encoded_slash)
    assert re.fullmatch(r"/(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-F]{2})*", path)
    assert "//" not in path
    assert not {".", ".."} & set(re.split(r"/|%2F|%5C", path))
    escaped = bytes.fromhex("".join(re.findall(r"%(..)", path)))
    assert not [code for code in escaped if chr(code) in UNRESERVED or code < 0x20 or code == 0x7F]
    assert encoded_slash == ("%2F" in path or "%5C" in path)


@given(st.text(alphabet="abcXYZ019-._~", min_size=1, max_size=8), st.data())
def test_no_escape_hides_an_unreserved_character(segment: str, data: st.DataObject) -> None:
    if segment in {".", ".."}:
        return
    spelled = "".join(data.draw(st.sampled_from([c, f"%{ord(c):02x}", f"%{ord(c):02X}"])) for c in segment)
    assert canonical_path(f"/{spelled}".encode())[0] == f"/{segment}"


def test_text_is_canonical_without_a_slash() -> None:
    assert canonical_text(b"..%7e%c3%a9|") == "..~%C3%A9%7C"


def test_folding_decodes_what_services_take_for_the_same() -> None:
    assert fold("/%40me/%2B%3B%3A%21%24%26%27%28%29%2A%2C%3D") == "/@me/+;:!$&'()*,="
    assert fold("/%2F%5C%25%20%3F%23%C3%A9") == "/%2F%5C%25%20%3F%23%C3%A9"
    assert fold("/plain") == "/plain"


@pytest.mark.parametrize("raw", [b"", b"a=1&b=%00", b"a=/?[]|\\{}", b"%zz"])
def test_a_query_is_left_alone(raw: bytes) -> None:
    assert check_query(raw) == raw.decode()


@pytest.mark.parametrize("raw", [b"a b", b"a#b", b"\x00", b"\n", b"\x7f", b"\xc3\xa9"])
def test_a_query_with_bytes_that_need_escapes_is_refused(raw: bytes) -> None:
    with pytest.raises(DownstreamError) as caught:
        check_query(raw)
    assert (caught.value.status, caught.value.code) == (400, "bad_query")
