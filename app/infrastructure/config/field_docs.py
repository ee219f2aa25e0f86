"""Reads the docstrings that stand below the fields of a class: Python keeps none. Not for using them."""

import ast
import inspect
import textwrap


def field_docs(kind: type) -> dict[str, str]:
    """Field to its docstring on one line, those of base classes included; empty where no source is at hand."""
    docs: dict[str, str] = {}
    for base in reversed(kind.__mro__):
        docs |= _own(base)
    return docs


def class_doc(kind: type) -> str:
    """The docstring of a class on one line."""
    return " ".join(inspect.cleandoc(kind.__doc__ or "").split())


def _own(kind: type) -> dict[str, str]:
    try:
        source = textwrap.dedent(inspect.getsource(kind))
    except (OSError, TypeError):
        return {}
    tree = ast.parse(source).body[0]
    docs: dict[str, str] = {}
    name = ""
    for statement in tree.body if isinstance(tree, ast.ClassDef) else []:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            name = statement.target.id
        elif name and isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            docs[name] = " ".join(str(statement.value.value).split())
            name = ""
        else:
            name = ""
    return docs
