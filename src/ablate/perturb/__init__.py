"""Perturbations: what each one damages, and how to apply several in order."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ablate.errors import UserError
from ablate.perturb.answer_only import AnswerOnly
from ablate.perturb.corrupt_digits import CorruptDigits
from ablate.perturb.cut_after_conclusion import CutAfterConclusion
from ablate.perturb.cut_span import CutSpan
from ablate.perturb.delete_steps import DeleteSteps
from ablate.perturb.donors import Donors, Pool, TokenEnds
from ablate.perturb.empty_thought import EmptyThought
from ablate.perturb.fill_steps import FillSteps
from ablate.perturb.insert_steps import InsertSteps
from ablate.perturb.merge_paragraphs import MergeParagraphs
from ablate.perturb.origins import Origin, step_origins
from ablate.perturb.perturbation import Edits, Family, Insertion, Perturbation, in_words, random_for, with_trace
from ablate.perturb.remove_keywords import RemoveKeywords
from ablate.perturb.rename_entities import RenameEntities
from ablate.perturb.repeat_steps import RepeatSteps
from ablate.perturb.reverse_steps import ReverseSteps
from ablate.perturb.short_cot import ShortCot
from ablate.perturb.shuffle_steps import ShuffleSteps
from ablate.perturb.split_paragraphs import SplitParagraphs
from ablate.perturb.swap_operators import SwapOperators
from ablate.perturb.swap_thought import SwapThought
from ablate.perturb.truncate import Truncate
from ablate.perturb.wrong_answer import WrongAnswer
from ablate.traces import Example

__all__ = [
    "AnswerOnly",
    "CorruptDigits",
    "CutAfterConclusion",
    "CutSpan",
    "DeleteSteps",
    "Donors",
    "Edits",
    "EmptyThought",
    "Family",
    "FillSteps",
    "InsertSteps",
    "Insertion",
    "MergeParagraphs",
    "Origin",
    "Perturbation",
    "Pool",
    "RemoveKeywords",
    "RenameEntities",
    "RepeatSteps",
    "ReverseSteps",
    "ShortCot",
    "ShuffleSteps",
    "SplitParagraphs",
    "SwapOperators",
    "SwapThought",
    "TokenEnds",
    "Truncate",
    "WrongAnswer",
    "apply",
    "build",
    "in_words",
    "step_origins",
    "with_trace",
]


def build(settings: Mapping[str, Any]) -> dict[str, Perturbation]:
    """The perturbations that `perturb` in the config describes, in order; a user's own class is found by its `_target_`.

    Raises:
        UserError: a class can't be found, is no `Perturbation`, or refuses a value; the message has the full key.
    """
    from hydra.errors import InstantiationException
    from hydra.utils import instantiate

    built = {}
    for name, parameters in settings.items():
        if not isinstance(parameters, Mapping) or "_target_" not in parameters:
            raise UserError(f"perturb.{name}: found {parameters!r}, expected the settings of a perturbation with a _target_")
        _check_class(name, str(parameters["_target_"]))
        try:
            built[name] = instantiate(parameters)
        except InstantiationException as error:
            if isinstance(error.__cause__, UserError):
                raise UserError(f"perturb.{name}.{error.__cause__}") from error
            raise UserError(f"perturb.{name}: {str(error.__cause__ or error).splitlines()[0]}") from error
    drawing: dict[str, str] = {}
    for name, perturbation in built.items():
        partner = drawing.setdefault(perturbation.draws_as or name, name)
        if partner != name:
            raise UserError(
                f"perturb: {partner} and {name} are partners that draw alike and would touch the same; allowed is one in an arm"
            )
    return built


def _check_class(name: str, target: str) -> None:
    """Before anything of it is called: what a config names is code of the user's, and has to be a class derived from `Perturbation`."""
    from hydra.utils import get_object

    try:
        found = get_object(target)
    except (ImportError, ValueError, AttributeError) as error:
        raise UserError(f"perturb.{name}._target_: {target} can't be loaded: {str(error.__cause__ or error).splitlines()[0]}") from error
    if not (isinstance(found, type) and issubclass(found, Perturbation)):
        kind = "a class" if isinstance(found, type) else f"a {type(found).__name__}"
        raise UserError(f"perturb.{name}._target_: {target} is {kind}; needed is a class derived from ablate.perturb.Perturbation")


def apply(
    examples: Sequence[Example], perturbations: Mapping[str, Perturbation], seed: int, donors: Donors
) -> Iterator[tuple[Example, tuple[Edits, ...]]]:
    """Each example after all perturbations in order, with one manifest for each. Donors are always clean.

    Args:
        examples: clean ones.
        perturbations: by name, in order.
        seed: of the arm.
        donors: what may be drawn on.
    """
    for example in examples:
        perturbed, manifest = example, []
        for name, perturbation in perturbations.items():
            random = random_for(seed, example.id, perturbation.draws_as or name)
            perturbed, edits = perturbation(name, perturbed, random, donors)
            manifest.append(edits)
        yield perturbed, tuple(manifest)
