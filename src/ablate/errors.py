"""The exceptions a user is meant to read."""


class UserError(Exception):
    """Something the user gave can't be used: the message names the file, row or key, what was found and what is allowed."""


class Busy(UserError):
    """Another process is running the arm."""


class ArmFailed(Exception):
    """Arms that ran elsewhere did not finish: the message names them; why stands in their run folders."""


def nearest(name: str, allowed: list[str]) -> str:
    """The sentence that ends a message about an unknown name: near names first, else all of them."""
    from difflib import get_close_matches

    close = get_close_matches(name, allowed, n=3, cutoff=0.5)
    if close:
        return f"Did you mean {' or '.join(close)}?"
    return f"Allowed: {', '.join(sorted(allowed)) or 'none'}."
