"""The session's methods for deployments on a sandbox."""

from collections.abc import AsyncIterator
from typing import Any

import attrs
import pytest

from tavus_async import (
    AmbiguousOutcomeError,
    AsyncSession,
    ConflictError,
    InvalidRequestError,
    NotFoundError,
    patch,
)
from tavus_async._session import Vocabulary
from tavus_async.models import (
    Customization,
    Deployment,
    DeploymentConversation,
    DeploymentDraft,
    DeploymentLimits,
    LandingPage,
    PageButton,
)
from tavus_async.sandbox import Answer, Sandbox
from tests.support.quick import KEY, quick_session

DRAFT = DeploymentDraft(
    persona_id="p1",
    channel="landing-page",
    name="Ada Link",
    status="active",
    customization=Customization(
        conversation=DeploymentConversation(unique_memory_tag=True),
        landing_page=LandingPage(
            title="Talk", description="Ask.", cta=[PageButton(title="Docs", url="https://x.example")]
        ),
    ),
    limits=DeploymentLimits(daily_call_limit=5),
)


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    personas = [{"persona_id": persona_id, "system_prompt": "x"} for persona_id in ("p1", "p2")]
    async with Sandbox(api_key=KEY, personas=personas) as sandbox:
        yield sandbox


@pytest.fixture(params=["persona", "pal"])
async def session(sandbox: Sandbox, request: pytest.FixtureRequest) -> AsyncIterator[AsyncSession]:
    vocabulary: Vocabulary = request.param
    async with quick_session(sandbox, vocabulary=vocabulary) as session:
        yield session


async def made(session: AsyncSession, **changes: Any) -> Deployment:
    """A new deployment, as it is read."""
    created = await session.create_deployment(attrs.evolve(DRAFT, **changes))
    assert created.deployment_id is not None
    return await session.get_deployment(created.deployment_id)


async def test_a_deployment_is_made_changed_and_deleted(session: AsyncSession) -> None:
    before = await made(session)
    page = attrs.evolve(before.customization.landing_page, title="Hello")
    after = attrs.evolve(
        before,
        status="inactive",
        persona_id="p2",
        customization=attrs.evolve(before.customization, landing_page=page),
        limits=DeploymentLimits(),
    )

    assert before.persona_id == "p1"
    assert await session.update_deployment(before, after) is True
    changed = await session.get_deployment(str(before.deployment_id))
    assert (changed.status, changed.persona_id, changed.limits.daily_call_limit) == ("inactive", "p2", None)
    assert changed.customization.landing_page.title == "Hello"
    assert await session.update_deployment(changed, changed) is False
    await session.delete_deployment(str(before.deployment_id))
    with pytest.raises(NotFoundError):
        await session.get_deployment(str(before.deployment_id))


async def test_nobodys_change_is_overwritten_unless_it_is_meant(session: AsyncSession) -> None:
    first = await made(session)
    assert first.etag is not None
    await session.update_deployment(first, attrs.evolve(first, name="Theirs"))

    with pytest.raises(ConflictError) as caught:
        await session.update_deployment(first, attrs.evolve(first, name="Mine"))
    assert caught.value.status == 412
    assert (await session.get_deployment(str(first.deployment_id))).name == "Theirs"
    assert await session.update_deployment(first, attrs.evolve(first, name="Mine"), force=True)
    second = await session.get_deployment(str(first.deployment_id))
    assert second.name == "Mine"
    assert second.etag != first.etag


async def test_a_conflict_by_409_is_the_same(session: AsyncSession, sandbox: Sandbox) -> None:
    first = await made(session)
    sandbox.script([Answer(status=409, body={"error": "Conflict"})])

    with pytest.raises(ConflictError):
        await session.update_deployment(first, attrs.evolve(first, name="Mine"))


async def test_a_patch_takes_an_etag_and_tells_whether_something_changed(session: AsyncSession) -> None:
    first = await made(session)
    name = [patch.replace("/name", "Else")]

    assert await session.patch_deployment(str(first.deployment_id), name, etag=first.etag) is True
    assert await session.patch_deployment(str(first.deployment_id), name) is False
    with pytest.raises(ConflictError):
        await session.patch_deployment(str(first.deployment_id), name, etag=first.etag)


async def test_a_password_is_set_and_taken_away_and_never_told(session: AsyncSession, sandbox: Sandbox) -> None:
    before = await made(session)
    deployment_id = str(before.deployment_id)
    await session.update_deployment(before, attrs.evolve(before, password="sesame"))

    assert sandbox.stored(deployment_id, resource="deployments")["password"] == "sesame"
    protected = await session.get_deployment(deployment_id)
    assert (protected.has_password, protected.password) == (True, None)
    await session.patch_deployment(deployment_id, [patch.replace("/password", None)])
    assert (await session.get_deployment(deployment_id)).has_password is False


async def test_lists_are_read_to_their_end_and_filtered(session: AsyncSession) -> None:
    for number in range(5):
        await made(session, name=f"No. {number}", status="draft" if number % 2 else "active")
    await made(session, persona_id="p2", channel="widget")

    async def names(**filters: Any) -> list[str | None]:
        return [each.name async for each in session.list_deployments(page_size=2, **filters)]

    assert await names() == ["Ada Link", "No. 4", "No. 3", "No. 2", "No. 1", "No. 0"]
    assert await names(sort="asc", persona_id="p1", status=["draft"]) == ["No. 1", "No. 3"]
    assert await names(persona_id="p2", channel=["widget", "embed"]) == ["Ada Link"]
    assert await names(name="no. 3", include_thumbnails=False) == ["No. 3"]
    assert [each.name for each in await session.list_deployments_page(page=1, limit=4)] == ["No. 1", "No. 0"]
    assert [each.name for each in await session.find_deployments("No. 3")] == ["No. 3"]


async def test_a_deployment_is_never_created_twice(session: AsyncSession, sandbox: Sandbox) -> None:
    sandbox.script(["reset"])
    with pytest.raises(AmbiguousOutcomeError) as caught:
        await session.create_deployment(DRAFT)

    assert caught.value.name == "Ada Link"
    assert len(await session.find_deployments("Ada Link")) == 1


async def test_records_of_two_deployments_are_no_change(session: AsyncSession) -> None:
    one, two = await made(session), await made(session)
    with pytest.raises(InvalidRequestError, match="before and after are two deployments"):
        await session.update_deployment(one, two)
    with pytest.raises(InvalidRequestError, match="force must be"):
        await session.update_deployment(one, one, force="no")  # type: ignore[arg-type]
    nameless = Deployment(name="x")
    with pytest.raises(InvalidRequestError, match="deployment_id"):
        await session.update_deployment(nameless, attrs.evolve(nameless, name="y"))
