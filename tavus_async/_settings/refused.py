"""Functions whose arguments no traceback shows where they are refused: one may be a key in the wrong place."""

import inspect
from collections.abc import Callable
from contextlib import aclosing
from functools import wraps
from typing import Any, TypeVar, cast

from tavus_async.errors import ConfigurationError, InvalidRequestError

FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])

REFUSALS = (InvalidRequestError, ConfigurationError)


def forget_refused(function: FunctionT) -> FunctionT:
    """Return a function that raises what refuses an argument without the frames that hold what it was given."""
    if inspect.iscoroutinefunction(function):
        made = _forget_awaited(function)
    elif inspect.isasyncgenfunction(function):
        made = _forget_iterated(function)
    else:
        made = _forget_called(function)
    return cast("FunctionT", made)


def _forget_called(function: Callable[..., Any]) -> Any:
    @wraps(function)
    def call(*arguments: Any, **named: Any) -> Any:
        try:
            return function(*arguments, **named)
        except BaseException as error:
            del arguments, named
            if isinstance(error, REFUSALS):
                error.__traceback__ = None
            raise

    return call


def _forget_awaited(function: Callable[..., Any]) -> Any:
    @wraps(function)
    async def call(*arguments: Any, **named: Any) -> Any:
        try:
            work = function(*arguments, **named)
        finally:
            del arguments, named
        try:
            return await work
        except REFUSALS as error:
            error.__traceback__ = None
            raise

    return call


def _forget_iterated(function: Callable[..., Any]) -> Any:
    @wraps(function)
    async def iterate(*arguments: Any, **named: Any) -> Any:
        try:
            items = function(*arguments, **named)
        finally:
            del arguments, named
        try:
            async with aclosing(items):
                async for item in items:
                    yield item
        except REFUSALS as error:
            error.__traceback__ = None
            raise

    return iterate
