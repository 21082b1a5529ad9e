"""The list of house rules. A rule is a generator of sentences, one for each thing that breaks it."""

from collections.abc import Callable, Iterator

from stack import Stack

Rule = Callable[[Stack], Iterator[str]]
RULES: dict[str, Rule] = {}


def rule(check: Rule) -> Rule:
    """Adds a rule to the list, under its function's name."""
    RULES[check.__name__] = check
    return check


def problems(stack: Stack) -> list[str]:
    """All that is wrong, each with the rule that says so."""
    return [f"{name}: {it}" for name, check in RULES.items() for it in check(stack)]
