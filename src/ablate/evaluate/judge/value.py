"""The value of an expression, as far as one can be sure of it: what this reads it reads exactly, and of anything else it says None.

A parser of its own, since most verdicts need no more, and a library that knows all of LaTeX takes a thousand times as long.
"""

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

Function = Callable[[Mapping[str, Any]], Any]

_TOKEN = re.compile(r"\s*(\d+\.\d+|\.\d+|\d+\.?|\\[A-Za-z]+|\\[|{}]|[A-Za-z]|[-+*/^_(){}\[\]!|,%])", re.DOTALL)
_LONGEST = 400
_DEEPEST = 40
_FUNCTIONS = ("sin", "cos", "tan", "cot", "sec", "csc", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "ln", "log", "exp")
_GREEK = ("alpha", "beta", "gamma", "delta", "epsilon", "theta", "lambda", "mu", "rho", "sigma", "tau", "phi", "omega")
_NO_FACTORS = tuple(f"\\{name}" for name in ("rfloor", "rceil", "cup", "cap", "in", "le", "ge", "ne", "pm", "infty", "to", "mid"))
_LARGEST_EXPONENT = 10**7


class Unread(Exception):
    """This parser does not know what stands there."""


class Expression:
    """A parsed expression: a function of its variables, which are named in `variables`."""

    def __init__(self, text: str) -> None:
        if len(text) > _LONGEST or re.search(r"(?<!\\)(?<![A-Za-z\\])[A-Za-z]{3,}", re.sub(r"\\[A-Za-z]+", " ", text)):
            raise Unread(text)
        self._tokens = self._cut(text)
        self._place = 0
        self._depth = 0
        self.variables: set[str] = set()
        self.whole_numbers = any(word in text for word in ("\\lfloor", "\\lceil", "\\binom", "!"))
        written = re.fullmatch(r"[-+]?\(?(\d*)\.(\d+)\)?%?", text)
        self.decimal = bool(written)
        # Significant digits, and those after the point, of a plain decimal.
        self.digits = (len((written[1] + written[2]).lstrip("0")), len(written[2])) if written else (0, 0)
        self.function = self._sum()
        if self._place != len(self._tokens):
            raise Unread(text)

    @staticmethod
    def _cut(text: str) -> list[str]:
        tokens, place = [], 0
        while place < len(text.rstrip()):
            found = _TOKEN.match(text, place)
            if not found:
                raise Unread(text)
            tokens.append(found[1])
            place = found.end()
        return tokens

    def _peek(self) -> str:
        return self._tokens[self._place] if self._place < len(self._tokens) else ""

    def _take(self, wanted: str | None = None) -> str:
        token = self._peek()
        if not token or (wanted is not None and token != wanted):
            raise Unread(token)
        self._place += 1
        return token

    def _sum(self) -> Function:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise Unread("too deep")
        total = self._product()
        while self._peek() in ("+", "-"):
            sign, left, right = self._take(), total, self._product()
            total = _both(operator.add if sign == "+" else operator.sub, left, right)
        self._depth -= 1
        return total

    def _product(self) -> Function:
        if self._peek() in ("+", "-"):
            sign, rest = self._take(), self._product()
            return rest if sign == "+" else _both(operator.sub, lambda at: 0, rest)
        product = self._power()
        while True:
            token = self._peek()
            if token in ("*", "\\cdot"):
                self._take()
                left, right = product, self._signed()
                product = _both(operator.mul, left, right)
            elif token == "/":
                self._take()
                left, right = product, self._signed()
                product = _both(operator.truediv, left, right)
            elif self._begins_factor(token):
                if token[0].isdigit() and self._tokens[self._place - 1][0].isdigit():
                    raise Unread(token)
                left, right = product, self._power()
                product = _both(operator.mul, left, right)
            else:
                return product

    @staticmethod
    def _begins_factor(token: str) -> bool:
        """Whether a factor follows without a sign between."""
        if token.startswith("\\") and token[1:].isalpha():
            return token not in _NO_FACTORS
        return bool(token) and (token[0].isalnum() or token in ("(", "{", "["))

    def _signed(self) -> Function:
        if self._peek() == "-":
            self._take()
            return _both(operator.sub, lambda at: 0, self._power())
        return self._power()

    def _power(self) -> Function:
        base = self._base()
        while self._peek() in ("!", "^", "%"):
            token = self._take()
            inner = base
            if token == "!":
                base = _factorial(inner)
            elif token == "%":
                base = _both(operator.truediv, inner, lambda at: 100)
            else:
                base = _raised(inner, self._argument())
        return base

    def _argument(self) -> Function:
        """After a command or a `^`: what is in braces, or one sign; of digits written without braces the first."""
        token = self._peek()
        if token == "{":
            return self._enclosed("{", "}")
        if token == "-":
            self._take()
            return _both(operator.sub, lambda at: 0, self._argument())
        if token.isdigit() and len(token) > 1:
            self._tokens[self._place : self._place + 1] = list(token)
        return self._base()

    def _enclosed(self, left: str, right: str) -> Function:
        self._take(left)
        inner = self._sum()
        self._take(right)
        return inner

    def _base(self) -> Function:
        from mpmath import mp

        token = self._peek()
        if token == "":
            raise Unread("nothing")
        if token[0].isdigit() or token[0] == ".":
            self._take()
            mixed = self._mixed(token)
            return mixed or (lambda at: mp.mpf(token))
        if token in ("(", "{", "["):
            return self._enclosed(token, {"(": ")", "{": "}", "[": "]"}[token])
        if token == "|":
            inner = self._enclosed("|", "|")
            return lambda at: abs(inner(at))
        if token.isalpha():
            self._take()
            return self._letter(token)
        if token[0] == "\\":
            return self._command(self._take()[1:])
        raise Unread(token)

    def _mixed(self, token: str) -> Function | None:
        """`38\\frac{4}{7}` is a mixed number."""
        from mpmath import mp

        digits = self._tokens[self._place : self._place + 7]
        if not token.isdigit() or digits[:2] != ["\\frac", "{"] or digits[3:5] != ["}", "{"] or digits[6:7] != ["}"]:
            return None
        if not (digits[2].isdigit() and digits[5].isdigit() and int(digits[2]) < int(digits[5])):
            return None
        self._place += 7
        return lambda at: mp.mpf(token) + mp.mpf(digits[2]) / mp.mpf(digits[5])

    def _letter(self, name: str) -> Function:
        from mpmath import mp

        if self._peek() == "_":
            self._take()
            name = f"{name}_{self._subscript()}"
        elif name == "e":
            return lambda at: mp.e
        elif name == "i":
            return lambda at: mp.mpc(0, 1)
        self.variables.add(name)
        return lambda at: at[name]

    def _subscript(self) -> str:
        token = self._take()
        if token != "{":
            return token
        inside = []
        while self._peek() != "}":
            inside.append(self._take())
        self._take("}")
        return "".join(inside)

    def _command(self, name: str) -> Function:
        from mpmath import mp

        if name == "frac":
            above, below = self._argument(), self._argument()
            return _both(operator.truediv, above, below)
        if name == "sqrt":
            root: Function = lambda at: 2  # noqa: E731
            if self._peek() == "[":
                root = self._enclosed("[", "]")
            inner = self._argument()
            return lambda at: mp.root(inner(at), int(root(at))) if root(at) != 2 else mp.sqrt(inner(at))
        if name == "binom":
            above, below = self._argument(), self._argument()
            return lambda at: mp.binomial(above(at), below(at))
        if name in ("lfloor", "lceil"):
            inner, _ = self._sum(), self._take("\\rfloor" if name == "lfloor" else "\\rceil")
            return (lambda at: mp.floor(inner(at))) if name == "lfloor" else (lambda at: mp.ceil(inner(at)))
        if name == "pi":
            return lambda at: mp.pi
        if name in _FUNCTIONS:
            return self._function(name)
        if name in _GREEK:
            return self._letter(f"\\{name}")
        raise Unread(name)

    def _function(self, name: str) -> Function:
        from mpmath import mp

        base: Function | None = None
        power: Function | None = None
        if self._peek() == "_" and name == "log":
            self._take()
            base = self._argument()
        if self._peek() == "^":
            self._take()
            power = self._argument()
        inner = self._enclosed("(", ")") if self._peek() == "(" else self._operand()
        called = {"arcsin": mp.asin, "arccos": mp.acos, "arctan": mp.atan, "ln": mp.log}.get(name) or getattr(mp, name)

        def value(at: Mapping[str, Any]) -> Any:
            plain = mp.log(inner(at)) / mp.log(base(at)) if base else called(inner(at))
            return plain if power is None else plain ** power(at)

        return value

    def _operand(self) -> Function:
        """What a function without brackets is of: one factor, with a number before it (`\\sin 2x`)."""
        operand = self._power()
        while self._peek().isalpha() or self._peek() in ("\\pi", "\\theta", "\\frac", "\\sqrt"):
            left, right = operand, self._power()
            operand = _both(operator.mul, left, right)
        return operand


def _both(operation: Callable[[Any, Any], Any], left: Function, right: Function) -> Function:
    return lambda at: operation(left(at), right(at))


def _raised(base: Function, exponent: Function) -> Function:
    def value(at: Mapping[str, Any]) -> Any:
        power = exponent(at)
        if abs(power) > _LARGEST_EXPONENT:
            raise Unread("a power too large")
        return base(at) ** power

    return value


def _factorial(inner: Function) -> Function:
    from mpmath import mp

    def value(at: Mapping[str, Any]) -> Any:
        number = inner(at)
        if abs(number) > _LARGEST_EXPONENT:
            raise Unread("a factorial too large")
        return mp.factorial(number)

    return value


def expression(text: str) -> Expression | None:
    """The expression that a normalised text is, or None where this parser does not know all of it.

    Args:
        text: an item, normalised.
    """
    try:
        return Expression(text)
    except (Unread, RecursionError):
        return None
