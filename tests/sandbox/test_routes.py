import pytest

from tavus_async.sandbox.routes import Kind, find
from tavus_async.sandbox.vocabulary import Vocabulary


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize(("family", "vocabulary"), [("personas", Vocabulary.PERSONA), ("pals", Vocabulary.PAL)])
@pytest.mark.parametrize(
    ("method", "rest", "kind", "persona_id", "item_id"),
    [
        ("GET", "", Kind.LIST, "", ""),
        ("POST", "", Kind.CREATE, "", ""),
        ("GET", "/p1", Kind.GET, "p1", ""),
        ("GET", "/p%2F1%20%C3%A9", Kind.GET, "p/1 é", ""),
        ("PATCH", "/p1", Kind.PATCH, "p1", ""),
        ("DELETE", "/p1", Kind.DELETE, "p1", ""),
        ("POST", "/p1/publish", Kind.PUBLISH, "p1", ""),
        ("GET", "/p1/tools", Kind.LIST_TOOLS, "p1", ""),
        ("DELETE", "/p1/tools/t1", Kind.DETACH_TOOL, "p1", "t1"),
        ("PUT", "/p1/skills", Kind.REPLACE_SKILLS, "p1", ""),
        ("PATCH", "/p1/skills/s1", Kind.PATCH_SKILL, "p1", "s1"),
    ],
)
def test_both_families_lead_to_the_same_endpoints(
    family: str,
    vocabulary: Vocabulary,
    slash: str,
    method: str,
    rest: str,
    kind: Kind,
    persona_id: str,
    item_id: str,
) -> None:
    route = find(method, f"/v2/{family}{rest}{slash}")

    assert (route.kind, route.vocabulary) == (kind, vocabulary)
    assert (route.persona_id, route.item_id) == (persona_id, item_id)


@pytest.mark.parametrize(
    "path",
    ["/", "", "/v2", "/v2/", "/v1/personas", "/personas", "/v2/replicas", "/v2/personas/p1/nothing",
     "/v2/personas/p1/publish/x", "/v2/personas/p1/tools/t1/x", "x/v2/personas"],
)  # fmt: skip
def test_other_paths_are_unknown(path: str) -> None:
    assert find("GET", path).kind is Kind.UNKNOWN


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/v2/personas", ("GET", "POST")),
        ("/v2/pals/p1", ("GET", "PATCH", "DELETE")),
        ("/v2/pals/p1/publish", ("POST",)),
    ],
)
def test_a_known_path_tells_its_methods(path: str, allowed: tuple[str, ...]) -> None:
    route = find("PUT", path)

    assert (route.kind, route.allowed) == (Kind.WRONG_METHOD, allowed)
