"""What the SDK assumes of Tavus' memory stores; one is made of a participant that does not exist, and deleted."""

from tests.live.assumption import Assumptions
from tests.live.visit import Verdict, Visit, unknown, verdict

ALL = "/v2/memory-stores"
NOBODY = "ms000000000000"
MEMORY, CHANGED = "Likes tea", "Likes coffee"

memory_stores = Assumptions(lambda visit: visit.memory_store)


@memory_stores("memory-stores", 'List Memory Stores answers 200, {"data": [...]}, each with a memory_store_id')
async def _list(visit: Visit) -> Verdict:
    answer = await visit.get(ALL)
    found = answer.fields.get("data")
    is_so = isinstance(found, list) and all("memory_store_id" in one for one in found)
    return verdict(answer.status == 200 and is_so, str(answer))


@memory_stores("memory-store-unknown", "an id that is nobody's is answered 404")
async def _unknown(visit: Visit) -> Verdict:
    answer = await visit.get(f"{ALL}/{NOBODY}")
    return verdict(answer.status == 404, str(answer))


@memory_stores("memory-store-needs", "a create without a participant_tag is refused with 400 or 422", "create")
async def _needs(visit: Visit) -> Verdict:
    answer = await visit.ask("POST", ALL, body={"pal_id": "p0"})
    visit.note_memory_store(answer)
    return verdict(answer.status in {400, 422}, str(answer))


@memory_stores("memory-store-create", "a create answers 2xx with memory_store_id, pal_id and participant_tag", "create")
async def _create(visit: Visit) -> Verdict:
    if not visit.personas:
        return unknown("the account sees no persona")
    draft = {"pal_id": visit.personas[0].persona_id, "participant_tag": visit.throw_away_name}
    answer = await visit.ask("POST", ALL, body={**draft, "pinned_memories": [MEMORY]})
    visit.memory_store = visit.note_memory_store(answer)
    is_so = {**draft, "memory_store_id": visit.memory_store}.items() <= answer.fields.items()
    return verdict(answer.status in {200, 201} and is_so, str(answer))


@memory_stores("memory-store-find", "it is on the list at once, by the filters pal_id and participant_tag", "change")
async def _find(visit: Visit) -> Verdict:
    found = await visit.session.find_memory_stores(visit.throw_away_name, persona_id=visit.personas[0].persona_id)
    return verdict([one.memory_store_id for one in found] == [visit.memory_store], f"{len(found)} are")


@memory_stores("memory-store-get", "reading it tells what was pinned as pinned_memories", "change")
async def _get(visit: Visit) -> Verdict:
    store = await visit.session.get_memory_store(visit.memory_store)
    memories = [one.memory for one in store.pinned_memories or ()]
    return verdict(memories == [MEMORY], f"also {', '.join(sorted(store.extra))}, and {len(memories)} memories")


@memory_stores("pinned-memory", "what is pinned has an id of its own, and can be changed and deleted", "change")
async def _pinned(visit: Visit) -> Verdict:
    added = await visit.session.add_pinned_memory(visit.memory_store, MEMORY)
    changed = await visit.session.update_pinned_memory(visit.memory_store, str(added.memory_id), CHANGED)
    both = await visit.session.list_pinned_memories(visit.memory_store)
    await visit.session.delete_pinned_memory(visit.memory_store, str(added.memory_id))
    is_so = (changed.memory_id, changed.memory) == (added.memory_id, CHANGED)
    return verdict(is_so and [one.memory for one in both] == [MEMORY, CHANGED], f"{len(both)} are pinned")


@memory_stores("learned-memory", "what was learned is an object with profile and timeline", "change")
async def _learned(visit: Visit) -> Verdict:
    answer = await visit.get(f"{ALL}/{visit.memory_store}/learned")
    return verdict(answer.status == 200 and {"profile", "timeline"} <= answer.fields.keys(), str(answer))


@memory_stores("memory-store-twice", "a second one of the same persona and participant is refused", "change")
async def _twice(visit: Visit) -> Verdict:
    draft = {"pal_id": visit.personas[0].persona_id, "participant_tag": visit.throw_away_name}
    answer = await visit.ask("POST", ALL, body=draft)
    visit.note_memory_store(answer)
    return verdict(400 <= answer.status < 500, str(answer))


@memory_stores("memory-store-delete", "Delete Memory Store answers 204, with no body", "change")
async def _delete(visit: Visit) -> Verdict:
    answer = await visit.ask("DELETE", f"{ALL}/{visit.memory_store}")
    if answer.status < 300:
        visit.memory_stores_created.remove(visit.memory_store)
    return verdict((answer.status, answer.body) == (204, None), str(answer))
