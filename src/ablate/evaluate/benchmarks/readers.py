"""From the rows of a set to items: what the student is asked, which answers are right, and what the rule needs to know beside."""

import ast
import base64
import io
import json
import pickle
import zlib
from collections.abc import Callable, Mapping
from typing import Any

from ablate.evaluate.benchmarks.sources import Sources

Row = Mapping[str, Any]
BOX = "\n\nPlease reason step by step, and put your final answer within \\boxed{}."
"""As the training prompts of Sky-T1, Bespoke-Stratos and OpenThoughts ask, and the evaluation of Qwen2.5-Math."""
LETTER = "\n\nChoose one of the options, and put its letter within \\boxed{}."
CODE = "\n\nWrite a Python program that solves the problem. It reads from standard input and writes to standard output. Give the whole "
CODE += "program in one block that begins with ```python."
FUNCTION = "\n\nWrite the whole function in Python, in one block that begins with ```python."


def item(problem: Any, accepted: list[str], **facts: Any) -> dict[str, Any]:
    """An item as tasks have it; facts are kept as JSON, since a table's column has one type."""
    return {"problem": str(problem), "accepted": accepted, "facts": json.dumps(facts)}


def mathematics(row: Row, sources: Sources) -> dict[str, Any]:
    """Problem and answer, by whichever names a set has for them; OlympiadBench's tolerance and what it says beside the question."""
    problem = next(row[name] for name in ("problem", "Problem", "question") if row.get(name) is not None)
    answer = next(row[name] for name in ("final_answer", "answer", "Answer") if row.get(name) is not None)
    golds = [str(one) for one in (answer if isinstance(answer, list) else [answer])]
    context = f"{row['context']}\n\n" if row.get("context") else ""
    error = str(row.get("error") or "").strip()
    asked = f"{context}{problem}{BOX if sources.ask_for_box else ''}"
    return item(asked, golds, **({"tolerance": float(error)} if error else {}))


def gsm8k(row: Row, sources: Sources) -> dict[str, Any]:
    """The gold stands after `####`."""
    return item(f"{row['question']}{BOX if sources.ask_for_box else ''}", [str(row["answer"]).rpartition("####")[2].strip()])


def mgsm(row: Row, sources: Sources) -> dict[str, Any]:
    """The gold is a number of its own."""
    question = str(row["question"]).partition(":")[2].strip() if str(row["question"])[:12].count(":") else row["question"]
    return item(f"{question}{BOX}", [str(row.get("answer_number") if row.get("answer_number") is not None else row["answer"])])


def options(question: Any, choices: list[Any], right: int) -> dict[str, Any]:
    """A question with lettered options."""
    letters = [chr(ord("A") + number) for number in range(len(choices))]
    listed = "\n".join(f"{letter}. {choice}" for letter, choice in zip(letters, choices, strict=True))
    return item(f"{question}\n\n{listed}{LETTER}", [letters[right]], choices=len(choices))


def mmlu(row: Row, sources: Sources) -> dict[str, Any]:
    """`answer` is the place of the right choice, or its letter."""
    answer = row["answer"]
    return options(row["question"], list(row["choices"]), "ABCD".index(answer) if isinstance(answer, str) else int(answer))


def arc(row: Row, sources: Sources) -> dict[str, Any]:
    """Labels are letters or numbers."""
    choices = row["choices"]
    return options(row["question"], list(choices["text"]), list(choices["label"]).index(row["answerKey"]))


def gpqa(row: Row, sources: Sources) -> dict[str, Any]:
    """The right answer stands first in the rows; where it stands among the options is drawn from the question."""
    choices = [row["Correct Answer"], row["Incorrect Answer 1"], row["Incorrect Answer 2"], row["Incorrect Answer 3"]]
    place = zlib.crc32(str(row["Question"]).encode()) % 4
    choices.insert(place, choices.pop(0))
    return options(row["Question"], [str(choice).strip() for choice in choices], place)


def ifeval(row: Row, sources: Sources) -> dict[str, Any]:
    """The instructions that an answer has to follow, with what each needs to know."""
    given = row["kwargs"]
    known = [{name: value for name, value in (one or {}).items() if value is not None} for one in given]
    return item(row["prompt"], [], instructions=list(row["instruction_id_list"]), kwargs=known, prompt=row["prompt"])


def humaneval(row: Row, sources: Sources) -> dict[str, Any]:
    """The beginning of a function, and a `check` of it; HumanEval+ in the same form."""
    asked = f"Complete this function:\n\n```python\n{row['prompt']}```{FUNCTION}"
    return item(asked, [], kind="check", entry_point=row["entry_point"], prompt=row["prompt"], check=without_numpy(row["test"]))


def mbpp(row: Row, sources: Sources) -> dict[str, Any]:
    """A sentence and assertions; those that are a call and a literal are told apart from those that are code.

    MBPP+ shows the assertions and tests by the program in `test`, which has theirs and many more.
    """
    tests = [str(test) for test in row["test_list"]]
    asked = f"{row['prompt']}\n\nYour code should pass these tests:\n\n" + "\n".join(tests) + FUNCTION
    imports = "\n".join(row.get("test_imports") or ())
    calls = [_call(test) for test in tests]
    names = {call[0] for call in calls if call}
    if row.get("test"):
        return item(asked, [], kind="check", entry_point=_called(tests), prompt="", check=without_numpy(row["test"]))
    if all(calls) and len(names) == 1 and not imports:
        listed = [{"input": call[1], "output": call[2]} for call in calls if call]
        return item(asked, [], kind="call", entry_point=names.pop(), tests=listed)
    return item(asked, [], kind="check", entry_point=_called(tests), prompt="", check="\n".join([imports, *tests]))


def stdin(row: Row, sources: Sources) -> dict[str, Any]:
    """APPS and TACO, whose tests are inputs and outputs; functions where they name one."""
    given: Any = row["input_output"]
    tests = json.loads(given) if isinstance(given, str) else given
    pairs = [{"input": one, "output": wanted} for one, wanted in zip(tests["inputs"], tests["outputs"], strict=True)]
    problem, starter = row["question"], row.get("starter_code") or ""
    if tests.get("fn_name"):
        return item(f"{problem}\n\n```python\n{starter}\n```{FUNCTION}", [], kind="call", entry_point=tests["fn_name"], tests=pairs)
    return item(f"{problem}{CODE}", [], kind="stdin", tests=pairs)


def code_contests(row: Row, sources: Sources) -> dict[str, Any]:
    """As the hub has it, all three kinds of tests; or `problem` and `tests`, as other people's copies do."""
    if "tests" in row:
        given = [(row["tests"]["inputs"], row["tests"]["outputs"])]
    else:
        given = [(row[kind]["input"], row[kind]["output"]) for kind in ("public_tests", "private_tests", "generated_tests")]
    pairs = [{"input": one, "output": wanted} for inputs, outputs in given for one, wanted in zip(inputs, outputs, strict=True)]
    return item(f"{row['problem'] if 'tests' in row else row['description']}{CODE}", [], kind="stdin", tests=pairs)


def livecodebench(row: Row, sources: Sources) -> dict[str, Any]:
    """Public and private tests; of a function where there is code to start from."""
    tests = [*json.loads(row["public_test_cases"]), *private_tests(row["private_test_cases"])]
    name = json.loads(row["metadata"] or "{}").get("func_name")
    if name:
        pairs = [_function_test(test) for test in tests]
        asked = f"{row['question_content']}\n\n```python\n{row['starter_code']}\n```{FUNCTION}"
        return item(asked, [], kind="call", entry_point=name, tests=pairs)
    pairs = [{"input": test["input"], "output": test["output"]} for test in tests]
    return item(f"{row['question_content']}{CODE}", [], kind="stdin", tests=pairs)


def _function_test(test: Row) -> dict[str, Any]:
    """Its arguments, a line of JSON each, and its value."""
    return {"input": [json.loads(line) for line in test["input"].split("\n")], "output": json.loads(test["output"])}


class _NoGlobals(pickle.Unpickler):
    """Reads texts, numbers, lists; whatever names a class or a function is refused."""

    def find_class(self, module: str, name: str) -> Any:
        raise pickle.UnpicklingError(f"it names {module}.{name}")


def private_tests(packed: str) -> list[dict[str, Any]]:
    """LiveCodeBench's private tests: JSON, or a pickle of JSON, compressed, in base64.

    Args:
        packed: as the row has it.

    Raises:
        ValueError: it is none of them, or holds more than data.
    """
    try:
        tests = json.loads(packed)
    except ValueError:
        try:
            text = _NoGlobals(io.BytesIO(zlib.decompress(base64.b64decode(packed)))).load()
            tests = json.loads(text)
        except (ValueError, TypeError, zlib.error, pickle.UnpicklingError, EOFError) as error:
            raise ValueError(f"private tests can't be read: {error}") from None
    return list(tests)


def in_window(row: Row, sources: Sources) -> bool:
    """Whether a problem of LiveCodeBench is of the dates that are asked for."""
    if sources.window is None:
        return True
    first, last = sources.window
    return first <= str(row["contest_date"])[:10] <= last


READERS: dict[str, Callable[[Row, Sources], dict[str, Any]]] = {
    "mathematics": mathematics,
    "gsm8k": gsm8k,
    "mgsm": mgsm,
    "mmlu": mmlu,
    "arc": arc,
    "gpqa": gpqa,
    "ifeval": ifeval,
    "humaneval": humaneval,
    "mbpp": mbpp,
    "stdin": stdin,
    "code_contests": code_contests,
    "livecodebench": livecodebench,
}
"""By the name that task files have for them."""


def _call(test: str) -> tuple[str, list[Any], Any] | None:
    """`assert f(1, "a") == [2]` as its function, arguments and value; None where it is more than a call and a literal."""
    try:
        (statement,) = ast.parse(test).body
    except (SyntaxError, ValueError):
        return None
    match statement:
        case ast.Assert(ast.Compare(ast.Call(ast.Name(name), arguments, []), [ast.Eq()], [wanted])):
            try:
                values = [ast.literal_eval(argument) for argument in arguments]
                output = ast.literal_eval(wanted)
                return (name, values, output) if json_keeps(values) and _plain(output) else None
            except ValueError:
                return None
    return None


def json_keeps(value: Any) -> bool:
    """Whether JSON gives a value back as the very same; arguments have to be, since a function can tell a tuple from a list.

    Args:
        value: of literals.
    """
    try:
        return repr(json.loads(json.dumps(value))) == repr(value)
    except (TypeError, ValueError):
        return False


def _plain(value: Any) -> bool:
    """Whether JSON gives a value back as it is, or nearly so: a tuple becomes a list, which counts as equal."""
    if isinstance(value, list | tuple):
        return all(map(_plain, value))
    if isinstance(value, dict):
        return all(isinstance(key, str) and _plain(one) for key, one in value.items())
    return value is None or isinstance(value, bool | int | float | str)


NUMPY = """
class np:
    class ndarray:
        pass

    @staticmethod
    def allclose(out, exp, rtol=1e-5, atol=1e-8):
        if isinstance(out, (list, tuple)) and isinstance(exp, (list, tuple)):
            return len(out) == len(exp) and all(np.allclose(a, b, rtol, atol) for a, b in zip(out, exp))
        return out == exp or (out != out and exp != exp) or abs(out - exp) <= atol + rtol * abs(exp)

    class testing:
        @staticmethod
        def assert_allclose(out, exp, rtol=1e-7, atol=0):
            assert np.allclose(out, exp, rtol, atol)
"""
"""All of numpy that EvalPlus's tests need; the sandbox's interpreter has none."""


def without_numpy(code: str) -> str:
    """Tests as they are, but for numpy, in whose place stands a comparison of numbers and of lists of them.

    Args:
        code: of the tests.
    """
    return str(code).replace("import numpy as np\n", f"{NUMPY}\n", 1)


def _called(tests: list[str]) -> str:
    """The function that assertions call first."""
    for node in ast.walk(ast.parse("\n".join(tests))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id not in ("set", "sorted", "len", "tuple", "abs"):
            return node.func.id
    return ""
