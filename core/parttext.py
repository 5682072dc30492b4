"""The text of our own modules, for code that must run without us; read, never imported, so it needs no torch."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

_HOME = Path(__file__).with_name("parts")


@cache
def class_text(module: str) -> str:
    """The class `vision.SqueezeExcite` as its file writes it, without type annotations and docstrings of methods."""
    home, _, name = module.rpartition(".")
    tree = ast.parse((_HOME / f"{home}.py").read_text(encoding="utf-8"))
    found = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == name)
    return ast.unparse(_Plain().visit(found))


@cache
def function_text(home: Path, name: str) -> str:
    """A function of one of our files, without type annotations, its docstring kept."""
    tree = ast.parse(home.read_text(encoding="utf-8"))
    found = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name)
    says = ast.get_docstring(found)
    plain = _Plain().visit(found)
    if says is not None:
        plain.body.insert(0, ast.Expr(ast.Constant(says)))
    return ast.unparse(ast.fix_missing_locations(plain))


class _Plain(ast.NodeTransformer):
    """Takes away what only a type checker and our own documentation need."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        """The function without annotations and docstring."""
        self.generic_visit(node)
        node.returns = None
        for argument in (*node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg):
            if argument is not None:
                argument.annotation = None
        if ast.get_docstring(node) is not None and len(node.body) > 1:
            node.body = node.body[1:]
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.Assign | None:
        """The assignment without its type; nothing in place of what only declares one."""
        if node.value is None:
            return None
        return ast.copy_location(ast.Assign([node.target], node.value), node)
