"""Who may do what on which thing, as a checked-in list, so that a change of rights is read by whoever reviews it."""

import difflib
from pathlib import Path

from stack import ROLE, Stack, listed, target

FILE = Path(__file__).with_name("permissions.txt")
HEAD = """# What each function may do, and the schedules: who, the action, and the resource of template.yaml to which it is done.
# Written by `tests/template/run --write` from the expanded template with all flows on; never by hand.
"""


def write(stack: Stack) -> str:
    """The list, one role after the other."""
    parts = []
    for role in sorted(stack.of(ROLE)):
        rows = {(action, on) for it in stack.statements(role) for action, on in allowed(it)}
        # The name on each line: a line of a diff then tells whose it is.
        lines = (f"{role.removesuffix('Role'):<20}{action:<32}{on}\n" for action, on in sorted(rows))
        parts.append("\n" + "".join(lines))
    return HEAD + "".join(parts)


def allowed(statement: dict) -> list[tuple[str, str]]:
    """Each action of a statement with each resource."""
    return [(action, shown(on)) for action in listed(statement["Action"]) for on in listed(statement["Resource"])]


def shown(resource) -> str:
    """A resource by its logical id, with what follows its ARN."""
    text = resource.get("Fn::Sub", "") if isinstance(resource, dict) else resource
    return target(resource) + text.partition("}")[2] if target(resource) else text


def differences(stack: Stack) -> str:
    """How the list on disk differs from the template; empty where it does not."""
    there = FILE.read_text().splitlines(keepends=True) if FILE.exists() else []
    now = write(stack).splitlines(keepends=True)
    return "".join(difflib.unified_diff(there, now, FILE.name, "template.yaml", n=2))
