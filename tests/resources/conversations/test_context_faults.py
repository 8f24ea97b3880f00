"""`session.conversation()` over every fault of an exchange that there is: of the create, of the end, and of both."""

import contextlib

import pytest

from tavus_async import AmbiguousOutcomeError, DecodeError, Pool, ServerError, TavusError, Timeouts
from tests.faults.cases import EXPECTED, MAX_BODY, Case
from tests.support.conversation_server import ConversationServer, Fault
from tests.support.quick import quick_session
from tests.support.raw_server import Exchange

# Without those that silence a session for longer than anybody waits: then nothing can be ended, and a warning says so.
CASES = [
    case for case in EXPECTED if not (case.hurried or case.primed or case.next or case.fault.refuse or case.fault.greet)
]
BRIEF = Timeouts(connect=5, read=2, attempt=2, total=5)
POOL = Pool(max_body=MAX_BODY)


def gone_wrong(case: Case) -> Fault:
    """The answer of the case; before it the server does what it was asked to, unless its answer is a refusal."""

    async def loss(exchange: Exchange, _body: bytes) -> None:
        await case.fault.answer(exchange)

    is_failure = case.create is ServerError and case.create_attempts == 1 and case.point != "retry-after"
    acts = is_failure or case.create in {None, DecodeError, AmbiguousOutcomeError}
    return Fault(name=case.name, loss=loss, acts=acts)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@pytest.mark.parametrize("points", [("create",), ("end",), ("create", "end")], ids="+".join)
async def test_none_is_left_and_none_is_made_twice(case: Case, points: tuple[str, ...]) -> None:
    async with ConversationServer() as server:
        session = quick_session(server, timeouts=BRIEF, pool=POOL)
        for point in points:
            server.go_wrong(point, gone_wrong(case))
        async with session:
            with contextlib.suppress(TavusError):
                async with session.conversation({"persona_id": "p1"}, end_timeout=3):
                    pass

        assert server.running == set()
        assert all(times == 1 for times in server.names.values())
