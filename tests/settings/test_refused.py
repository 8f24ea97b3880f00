from collections.abc import AsyncIterator

from tavus_async._settings.refused import forget_refused


async def test_closing_an_iteration_closes_the_function_that_it_goes_through() -> None:
    closed: list[str] = []

    @forget_refused
    async def items() -> AsyncIterator[int]:
        try:
            yield 1
            yield 2
        finally:
            closed.append("items")

    iteration = items()
    assert await anext(iteration) == 1
    await iteration.aclose()  # type: ignore[attr-defined]

    assert closed == ["items"]
