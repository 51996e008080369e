"""Values as they cross the wall: JSON, in which what JSON has no sign for is an object of one key that names its kind.

Read on both sides, so it is run inside too and imports nothing of ablate. It is read in a time and a memory that grow with the text alone,
which a parser of Python's literals would not do with what an untrusted program says.
"""

import json


class Other:
    """What is no literal crosses as this: whether it counts as true, and nothing else. It equals nothing but itself."""

    def __init__(self, truth):
        self.truth = truth

    def __bool__(self):
        return self.truth


def written(value):
    """A value as one line.

    Args:
        value: a literal: None, truth, number, text, bytes, and lists, tuples, sets and dicts of them; of anything else its truth.
    """
    return json.dumps(_out(value))


def read(line):
    """A value from one line.

    Args:
        line: as `written` gives it.

    Raises:
        ValueError: it is no such line.
    """
    try:
        return _in(json.loads(line))
    except (TypeError, RecursionError, AttributeError, UnicodeDecodeError) as error:
        raise ValueError(f"it is no value: {type(error).__name__}") from None


def _out(value):
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        # Long numbers in tens are refused by Python, so they go in sixteens.
        return int(value) if -(2**53) < value < 2**53 else {"int": hex(value)}
    if isinstance(value, float):
        return float(value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, list):
        return [_out(one) for one in value]
    if isinstance(value, (bytes, bytearray)):
        return {"bytes": value.hex()}
    if isinstance(value, complex):
        return {"complex": [value.real, value.imag]}
    if isinstance(value, tuple):
        return {"tuple": [_out(one) for one in value]}
    if isinstance(value, (set, frozenset)):
        return {"set": [_out(one) for one in value]}
    if isinstance(value, dict):
        return {"dict": [[_out(key), _out(one)] for key, one in value.items()]}
    return {"other": bool(value)}


def _in(value):
    if isinstance(value, list):
        return [_in(one) for one in value]
    if not isinstance(value, dict):
        return value
    ((kind, held),) = value.items()
    if kind == "int":
        return int(held, 16)
    if kind == "other" and isinstance(held, bool):
        return Other(held)
    if kind == "bytes":
        return bytes.fromhex(held)
    if kind == "complex":
        return complex(*held)
    if kind == "tuple":
        return tuple(_in(one) for one in held)
    if kind == "set":
        return {_in(one) for one in held}
    if kind == "dict":
        return {_in(key): _in(one) for key, one in held}
    raise ValueError(f"it is no value: {kind!r}")
