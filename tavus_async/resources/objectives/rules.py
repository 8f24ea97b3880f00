"""What the server refuses in a set of objectives for certain."""

import re
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Final

from tavus_async._settings.checks import display, is_blank
from tavus_async.errors import InvalidRequestError
from tavus_async.resources.objectives.records import Objective, ObjectiveSetDraft

MOST_OBJECTIVES: Final = 50
MOST_VARIABLES: Final = 50
LONGEST_OBJECTIVE_NAME: Final = 100
LONGEST_PROMPT: Final = 10_000
LONGEST_URL: Final = 2_048
_OBJECTIVE_NAME: Final = re.compile(rf"[A-Za-z0-9_]{{1,{LONGEST_OBJECTIVE_NAME}}}")


def check_set(draft: ObjectiveSetDraft) -> None:
    """Validate a set of objectives; InvalidRequestError with the first rule that it breaks."""
    objectives = draft.data or ()
    if len(draft.name or "") > LONGEST_OBJECTIVE_NAME:
        raise InvalidRequestError(f"the name of a set must have at most {LONGEST_OBJECTIVE_NAME} characters")
    if not 1 <= len(objectives) <= MOST_OBJECTIVES:
        raise InvalidRequestError(f"a set needs from 1 to {MOST_OBJECTIVES} objectives, and this has {len(objectives)}")
    for index, objective in enumerate(objectives):
        problem = find_problem(objective)
        if problem:
            raise InvalidRequestError(f"data[{index}]: {problem}")
    check_chain(objectives, has_loops=bool(draft.allow_loops))


def find_problem(objective: Objective) -> str | None:
    """Return what is wrong with one objective; None where nothing is."""
    name = objective.objective_name or ""
    if is_blank(name) or is_blank(objective.objective_prompt or ""):
        return "an objective needs an objective_name and an objective_prompt"
    if not _OBJECTIVE_NAME.fullmatch(name):
        return f"an objective_name has at most {LONGEST_OBJECTIVE_NAME} letters, digits and _, unlike {display(name)}"
    if len(objective.objective_prompt or "") > LONGEST_PROMPT:
        return f"an objective_prompt must have at most {LONGEST_PROMPT:,} characters"
    if len(objective.callback_url or "") > LONGEST_URL:
        return f"a callback_url must have at most {LONGEST_URL:,} characters"
    if len(objective.output_variables or ()) > MOST_VARIABLES:
        return f"there must be at most {MOST_VARIABLES} output_variables"
    if objective.next_required_objective and objective.next_conditional_objectives:
        return "next_required_objective and next_conditional_objectives exclude each other"
    return None


def check_chain(objectives: Sequence[Objective], *, has_loops: bool) -> None:
    """Validate how objectives follow one another; InvalidRequestError with the rule that they break."""
    names = [objective.objective_name for objective in objectives]
    if len(set(names)) < len(names):
        raise InvalidRequestError("the names of objectives must be unique in their set")
    followers = {str(each.objective_name): list(next_names(each)) for each in objectives}
    for name, following in followers.items():
        for other in following:
            if other not in followers:
                raise InvalidRequestError(f"{display(name)} names a next objective that the set has not")
            if other == name:
                raise InvalidRequestError(f"{display(name)} names itself as the next objective")
    roots = followers.keys() - set(chain.from_iterable(followers.values()))
    if len(roots) != 1 and not has_loops:
        raise InvalidRequestError(
            f"a set needs exactly one objective that no other names as the next one, and this has {len(roots)}"
        )


def next_names(objective: Objective) -> Iterator[str]:
    """Yield the names of the objectives that may follow one."""
    if objective.next_required_objective:
        yield objective.next_required_objective
    yield from objective.next_conditional_objectives or ()
