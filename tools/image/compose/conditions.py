"""Conditions of interlocks: from what a person writes to the tuple that modules/interlock.py takes. Nothing is evaluated."""

import ast

from ..source import Name

_COMPARE = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}
ALLOWED = (
    'comparisons as wall.value > 1150, age(wall.value) > 5, silence() > 600 or door.value == "open", joined by and, or, not'
)


class Wrong(Exception):
    """What is no condition: `column` is where in the text, from 0."""

    def __init__(self, column, text):
        super().__init__(text)
        self.column = column


def condition(text, modules):
    """The condition as tuples, with a Name for each module; `modules` is the names that there are. Raises Wrong."""
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError) as e:
        raise Wrong(
            (getattr(e, "offset", 1) or 1) - 1, f"this is no condition ({getattr(e, 'msg', e)}): it has {ALLOWED}"
        ) from None
    return _condition(tree, modules)


def mentioned(when):
    """The modules and parameters that a condition is about: pairs."""
    found = []
    for part in when[1:]:
        if isinstance(part, tuple):
            if isinstance(part[0], Name):
                found.append(part)
            elif part[0] == "age":
                found.append(part[1:])
            else:
                found += mentioned(part)
    return found


def _condition(node, modules):
    if isinstance(node, ast.BoolOp):
        return ("and" if isinstance(node.op, ast.And) else "or", *(_condition(value, modules) for value in node.values))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return "not", _condition(node.operand, modules)
    if isinstance(node, ast.Compare):
        operands = [_operand(value, modules) for value in (node.left, *node.comparators)]
        parts = []
        for op, a, b in zip(node.ops, operands, operands[1:], strict=False):
            if type(op) not in _COMPARE:
                raise Wrong(node.col_offset, f"a condition has {ALLOWED}")
            if not isinstance(a, tuple) and not isinstance(b, tuple):
                raise Wrong(node.col_offset, "this compares a constant with a constant")
            parts.append((_COMPARE[type(op)], a, b))
        return parts[0] if len(parts) == 1 else ("and", *parts)
    operand = _operand(node, modules)
    if isinstance(operand, tuple) and operand[0] not in ("age", "silence"):
        return "!=", operand, 0
    raise Wrong(node.col_offset, f"this compares nothing: a condition has {ALLOWED}")


def _operand(node, modules):
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
        inner = _operand(node.operand, modules)
        if isinstance(inner, (int, float)):
            return -inner if isinstance(node.op, ast.USub) else inner
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float, str)):
        if isinstance(node.value, str) or abs(node.value) <= 3.4e38:
            return int(node.value) if isinstance(node.value, bool) else node.value
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return _of(node, modules)
    if isinstance(node, ast.Name):
        raise Wrong(node.col_offset, f"{node.id} alone is no value: write {node.id}.value")
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
        if node.func.id == "silence" and not node.args:
            return ("silence",)
        if node.func.id == "age" and len(node.args) == 1 and isinstance(node.args[0], ast.Attribute):
            if isinstance(node.args[0].value, ast.Name):
                return "age", *_of(node.args[0], modules)
        raise Wrong(node.col_offset, "the functions are age(module.parameter) and silence()")
    raise Wrong(node.col_offset, f"this can't stand here: a condition has {ALLOWED}")


def _of(node, modules):
    name = node.value.id
    if name not in modules:
        from .wrong import nearest

        raise Wrong(node.col_offset, f"there is no module {name}{nearest(name, modules)}")
    return Name(name), node.attr
