"""Methods, targets and paths: P-40 to P-54. What is matched is what is forwarded and logged."""

from typing import Final

from tests.conformance.case import Cases, Limit
from tests.conformance.stand import Stand, request

CASES: Final = Cases()
add, refuse = CASES.add, CASES.refuse

LOST: Final = Limit("the server drops the authority of the target: Host counts")
NO_FRAGMENT: Final = Limit("served, without the fragment: the server drops it")
UPPER: Final = Limit("the server writes methods in upper case")


@add("P-40", "authority-replaces-host", "`GET http://a.test/x` with another Host: the target's authority counts", LOST)
async def authority_replaces_host(stand: Stand) -> None:
    await stand.talk(request("GET http://a.test/P-40", "Connection: close", host="b.test"))
    assert stand.upstream("/P-40")["host"] == ["a.test"]


@add("P-40", "path-of-absolute-form", "the path of an absolute target is routed and forwarded")
async def path_of_absolute_form(stand: Stand) -> None:
    assert (await stand.get("http://test/private/x")).status == 403
    assert (await stand.get("http://test/P-40/path?q=1")).status == 200
    assert stand.upstream("/P-40/path?q=1")["host"] == ["test"]


for name, line, *outcomes in (
    ("no-host", "GET http://test/P-40/bad", Limit("served, for the authority of the target"), "server 400"),
    ("other-scheme", "GET ftp://test/x", Limit("served: the server drops scheme and authority"), "gateway 400"),
    ("user", "GET http://me@test/x", Limit("served: the server drops scheme and authority"), "gateway 400"),
):
    host = "" if name == "no-host" else "test"
    refuse("P-40", f"absolute-{name}", f"`{line}`", request(line, host=host), *outcomes)

refuse("P-41", "asterisk-get", "`GET *`", request("GET *"), "gateway 400")


@add("P-41", "asterisk-options", "`OPTIONS *` is about the gateway itself")
async def asterisk_options(stand: Stand) -> None:
    before = len(stand.backend.received)
    assert (await stand.get("*", method="OPTIONS")).status == 204
    assert len(stand.backend.received) == before


refuse("P-42", "connect", "`CONNECT test:443`", request("CONNECT test:443", host="test:443"), "gateway 405")
refuse("P-42", "connect-with-a-path", "`CONNECT /x`", request("CONNECT /x"), "gateway 405", "gateway 405")
refuse("P-42", "authority-form", "`GET test:80`", request("GET test:80"), "gateway 400")
refuse("P-43", "trace", "`TRACE /x`", request("TRACE /x"), "gateway 405")

for name, target, *outcomes in (
    ("no-slash", "x", "gateway 400"),
    ("fragment", "/x#part", NO_FRAGMENT, "gateway 400 kept"),
    ("fragment-in-query", "/x?a#b", NO_FRAGMENT, "gateway 400 kept"),
    ("blank", "/x y", "server 400"),
    ("tab", "/x\ty", "server 400"),
    ("non-ascii", "/x\xe9", "server 400"),
    ("control", "/x\x01", "server 400"),
    ("nul", "/x\x00", "server 400"),
    ("delete", "/x\x7f", "server 400"),
):
    refuse("P-44", f"target-{name}", f"`{ascii(target)[1:-1]}` as target", request(f"GET {target}"), *outcomes)

for name, method in (("no-token", "G@T"), ("blank", " GET"), ("non-ascii", "G\xc9T"), ("colon", "GET:")):
    refuse("P-45", f"method-{name}", f"`{ascii(method)[1:-1]}` as method", request(f"{method} /x"), "server 400")


@add("P-45", "letter-case", "`gEt` is another method than `GET`, and goes on as it came", hypercorn=UPPER)
async def method_letter_case(stand: Stand) -> None:
    await stand.get("/P-45", method="gEt")
    assert [head for head in stand.backend.heads if head.startswith(b"gEt /P-45 ")]


@add("P-45", "unknown", "unknown methods are passed on")
async def unknown_method(stand: Stand) -> None:
    await stand.get("/P-45/x", method="PURGE")
    assert [head for head in stand.backend.heads if head.startswith(b"PURGE /P-45/x ")]


@add("P-46", "one-path", "the spelling that is matched is forwarded and logged")
async def one_path(stand: Stand) -> None:
    assert (await stand.get("/P-46//%7ea/%c3%a9?x=%7e")).status == 200
    assert "/P-46/~a/%C3%A9?x=%7e" in stand.backend.targets()
    assert (await stand.gateway.record("/P-46/~a/%C3%A9?x=%7e"))["status"] == 200


KEPT: Final = "gateway 400 kept"
for target in (
    "/a/../b", "/a/./b", "/..", "/a/%2e%2e/b", "/a/.%2E/b", "/%2e/b", "/a/..;x=1/b", "/a/..%3bx/b", "/a/..", "/api/..",
    "/api/%2e%2e/private/x", "/slashes/..%2fprivate",
):  # fmt: skip
    refuse("P-47", f"dots:{target}", f"`{target}`", request(f"GET {target}"), KEPT)


@add("P-47", "strip-prefix", "dot segments cannot arise where a prefix is taken off: `/api../x` is another path")
async def strip_prefix(stand: Stand) -> None:
    await stand.get("/api/P-47")
    assert "/P-47" in stand.backend.targets()
    await stand.get("/api../P-47")
    assert "/api../P-47" in stand.backend.targets()


for target in ("/a%2Fb", "/a%2fb", "/a%5Cb", "/a\\b", "/private%2fx"):
    refuse("P-48", f"slash:{target.replace(chr(92), 'backslash')}", f"`{target}`", request(f"GET {target}"), KEPT)


@add("P-48", "slash-kept", "`%2F` is data where the route says so")
async def slash_kept(stand: Stand) -> None:
    assert (await stand.get("/slashes/a%2fb")).status == 200
    assert "/slashes/a%2Fb" in stand.backend.targets()


@add("P-49", "merged-slashes", "`//` is merged before it is matched")
async def merged_slashes(stand: Stand) -> None:
    await stand.get("//P-49///x//")
    assert "/P-49/x/" in stand.backend.targets()
    assert (await stand.get("//private//x")).status == 403


for target in ("/%00", "/a%0d%0aX-A:1", "/%zz", "/%1", "/%", "/%c0%ae", "/%ff", "/%ed%a0%80", "/%7f", "/%u0041"):
    refuse("P-50", f"escape:{target}", f"`{target}`", request(f"GET {target}"), KEPT)


@add("P-51", "parameters", "`;` is an ordinary character")
async def parameters(stand: Stand) -> None:
    await stand.get("/P-51;a=1/x;b")
    assert "/P-51;a=1/x;b" in stand.backend.targets()


@add("P-52", "hosts", "hosts are compared without letter case, trailing dot and default port; paths with letter case")
async def hosts(stand: Stand) -> None:
    for host in ("TEST", "test.", "test:80", "Test.:80"):
        said = await stand.talk(request("GET /private/x", "Connection: close", host=host))
        assert said.status == 403, host
    assert (await stand.get("/PRIVATE/x")).status == 200


@add("P-53", "segments", "`/private/*` is no prefix of `/privateer`")
async def segments(stand: Stand) -> None:
    answers = {"/private": 403, "/private/x": 403, "/privateer": 200, "/private..": 200}
    for target, status in answers.items():
        assert (await stand.get(target)).status == status, target


@add("P-54", "no-way-around", "no spelling of a path leads around the route that guards it")
async def no_way_around(stand: Stand) -> None:
    before = len(stand.backend.received)
    for target in ("/%70rivate/x", "/private/%78", "/privat%65", "///private//x", "/x/../private/x", "/private;/../x"):
        assert (await stand.get(target)).status in {400, 403}, target
    assert len(stand.backend.received) == before
