"""The exceptions a user is meant to read."""


class UserError(Exception):
    """Something the user gave can't be used: the message names the file, row or key, what was found and what is allowed."""


class Busy(UserError):
    """Another process is running the arm."""


class ArmFailed(Exception):
    """Arms that ran elsewhere did not finish: the message names them; why stands in their run folders."""


def require(module: str, extra: str, wanted: str) -> None:
    """Check that a package which not everyone needs is installed.

    Args:
        module: its import name.
        extra: of ours, which installs it.
        wanted: the setting or the command that needs it.

    Raises:
        UserError: it is not; the message says what to type.
    """
    from importlib.util import find_spec

    try:
        known = find_spec(module) is not None
    except ModuleNotFoundError:
        known = False
    if not known:
        package = module.partition(".")[0]
        raise UserError(f"{wanted} needs {package}, which is not installed: pip install 'ablate-cot[{extra}]'")


def nearest(name: str, allowed: list[str]) -> str:
    """The sentence that ends a message about an unknown name: near names first, else all of them.

    Args:
        name: what was given.
        allowed: what there is.
    """
    from difflib import get_close_matches

    close = get_close_matches(name, allowed, n=3, cutoff=0.5)
    if close:
        return f"Did you mean {' or '.join(close)}?"
    return f"Allowed: {', '.join(sorted(allowed)) or 'none'}."
