"""The shape of the code base: sizes, import rules, one test file for each module. Not for what any code does."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CODE = sorted(path for folder in ("app", "benchmarks", "examples") for path in (ROOT / folder).rglob("*.py"))
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]

MAX_FILE_LINES = 200
MAX_FUNCTION_LINES = 40
"""From `def` to the last statement; decorators and the docstring are not counted."""

LONG_FILES: dict[str, str] = {
    "app/infrastructure/transport/http1_connection.py": "one state machine: its rules are checked by reading it whole",
}
"""File to the reason why it may be longer."""
LONG_FUNCTIONS: dict[str, str] = {}
"""`file:function` to the reason why it may be longer."""
TESTED_ELSEWHERE: dict[str, str] = {
    "app/__main__.py": "hands over to the command line; every test that starts a server goes through it",
}
"""Module to where its tests are, when `tests/unit` has no file of its name."""

CORE = ("app/domain", "app/application")
CORE_MAY_IMPORT = {"app", "msgspec"} | sys.stdlib_module_names

FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Every function of a file as `file:name` with its length in lines."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, FUNCTION):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            first = node.body[0]
            if ast.get_docstring(node) is not None:
                length -= (first.end_lineno or first.lineno) - first.lineno + 1
            yield f"{name_of(path)}:{node.name}", length


def imports(path: Path) -> Iterator[str]:
    """The top-level names of what a file imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


def behaves(path: Path) -> bool:
    """Whether a file holds a function that does something; values and ports only declare."""
    return any(isinstance(node, FUNCTION) and not declares(node) for node in ast.walk(ast.parse(path.read_text())))


def is_blank(statement: ast.stmt) -> bool:
    """Whether a statement is a docstring or `...`."""
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def declares(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a function only says what there is: a port's method, or a value's `__init__` that keeps its arguments."""
    kept = (ast.Assign, ast.AnnAssign) if function.name == "__init__" else ()
    return all(is_blank(part) or isinstance(part, kept) for part in function.body)


def modules() -> list[Path]:
    """Every module of `app` that is no package."""
    return [path for path in CODE if path.is_relative_to(ROOT / "app") and path.name != "__init__.py"]


def mirror(path: Path) -> Path:
    """Where the unit tests of a module of `app` are."""
    return ROOT / "tests/unit" / path.relative_to(ROOT / "app").parent / f"test_{path.name}"


def test_the_lists_of_files_are_not_empty() -> None:
    assert len(CODE) > 20
    assert sum(1 for path in CODE for _ in functions(path)) > 100


def test_files_are_short() -> None:
    long = {name_of(path) for path in CODE if len(path.read_text().splitlines()) > MAX_FILE_LINES}
    assert long == set(LONG_FILES)


def test_functions_are_short() -> None:
    long = {name for path in CODE for name, lines in functions(path) if lines > MAX_FUNCTION_LINES}
    assert long == set(LONG_FUNCTIONS)


def test_packages_hold_no_code() -> None:
    inits = [path for path in CODE if path.name == "__init__.py" and path.parent != ROOT / "app"]
    assert [name_of(path) for path in inits if any(True for _ in functions(path))] == []


def test_every_module_has_its_test_file() -> None:
    missing = {name_of(path) for path in modules() if behaves(path) and not mirror(path).is_file()}
    assert missing == set(TESTED_ELSEWHERE)


def test_every_unit_test_file_has_its_module() -> None:
    about_the_whole = {Path(__file__).resolve(), ROOT / "tests/unit/test_documentation.py"}
    expected = {mirror(path) for path in modules()} | about_the_whole
    assert {name_of(path) for path in (ROOT / "tests/unit").rglob("test_*.py") if path not in expected} == set()


def test_files_that_documents_name_exist() -> None:
    named = {name for page in DOCUMENTS for name in re.findall(r"[\w/]+\.py\b", page.read_text())}
    known = [f"/{name_of(path)}" for path in (*CODE, *(ROOT / "tests").rglob("*.py"))]
    assert named
    assert {name for name in named if not any(path.endswith(f"/{name.lstrip('/')}") for path in known)} == set()


def test_the_core_imports_no_technology() -> None:
    core = [path for path in CODE if name_of(path).startswith(CORE)]
    assert {(name_of(path), name) for path in core for name in imports(path) if name not in CORE_MAY_IMPORT} == set()


def test_import_contracts_hold() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [str(linter), "--no-logo"], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def compiled() -> list[Path]:
    """The modules that `setup.py` compiles, as it lists them."""
    [hot] = [
        node.value
        for node in ast.walk(ast.parse((ROOT / "setup.py").read_text()))
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "HOT"
    ]
    return [ROOT / folder / f"{name}.py" for folder, names in ast.literal_eval(hot).items() for name in names.split()]


def test_compiled_modules_await_nothing_in_finally() -> None:
    """mypyc 2.4 raises the error of an earlier run there: see docs/decisions/0011-compiled.md."""
    found = [
        f"{name_of(path)}:{inner.lineno}"
        for path in compiled()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Try)
        for statement in node.finalbody
        for inner in ast.walk(statement)
        if isinstance(inner, ast.Await)
    ]
    assert compiled()
    assert found == []


def test_compiled_modules_hold_no_structs_with_options() -> None:
    """mypyc drops class keywords such as `frozen=True`."""
    found = [
        f"{name_of(path)}:{node.lineno}"
        for path in compiled()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef) and node.keywords
    ]
    assert found == []
