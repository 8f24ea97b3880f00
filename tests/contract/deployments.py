"""Everything that a session can ask about deployments, and what else came for personas with the rename."""

from typing import Any

import attrs

from tavus_async import AsyncSession
from tavus_async.models import Deployment

FILTERS: tuple[dict[str, Any], ...] = (
    {},
    {"status": ["active", "draft"], "channel": "embed", "name": "Ada", "sort": "asc", "include_thumbnails": False},
)


async def ask_all(ask: Any, session: AsyncSession, *, later: bool) -> None:
    """Put a persona where visitors find it, and do everything to it that can be done."""
    if not later:
        return
    await ask(session.check_username, "ada")
    persona = await ask(session.create_persona, {"persona_name": "Deployed", "system_prompt": "x"})
    await ask(session.publish_persona, persona.persona_id)
    await ask(session.ensure_persona, {"persona_name": "Deployed", "system_prompt": "y"}, update=True)
    created = await ask(session.create_deployment, {"pal_id": persona.persona_id, "channel": "embed", "name": "Ada"})
    deployment_id = getattr(created, "deployment_id", None) or "d0"
    before = await ask(session.get_deployment, deployment_id)
    if isinstance(before, Deployment):
        after = attrs.evolve(before, name="Ada Embed", status="active", password="sesame")
        await ask(session.update_deployment, before, after)
        await ask(session.update_deployment, before, after)
        await ask(session.update_deployment, before, after, force=True)
    for filters in FILTERS:
        await ask(session.list_deployments_page, page=0, limit=2, persona_id=persona.persona_id, **filters)
        await ask(collect, session, **filters)
    await ask(session.find_deployments, "Ada")
    await ask(session.delete_deployment, deployment_id)
    await ask(session.get_deployment, deployment_id)


async def collect(session: AsyncSession, **filters: Any) -> list[Deployment]:
    return [deployment async for deployment in session.list_deployments(**filters)]
