"""What frameworks make of a record: one shape, without secrets, the same whatever was read before."""

import json
import pickle
import pprint
import warnings
from collections.abc import Callable
from typing import Annotated, Any

import attrs
import pytest

from tavus_async import InvalidRequestError, Layers, LlmLayer, Persona, PersonaDraft, Secret
from tests.support.decoding import decode_created, decode_persona, decode_personas
from tests.support.tracebacks import traceback_of

pytest.importorskip("fastapi", reason="fastapi is not installed")
pytest.importorskip("rich", reason="rich is not installed")

import fastapi
from fastapi.encoders import jsonable_encoder
from pydantic import BaseModel, TypeAdapter, ValidationError
from rich.pretty import pretty_repr

BODY: dict[str, Any] = {
    "pal_id": "p1",
    "persona_name": "Zoë",
    "created_at": "2026-05-15T12:00:00Z",
    "api_key": "SECRET-unknown",
    "new": {"deep": [{"access_token": "SECRET-deep", "note": "plain"}]},
    "skills": [{"name": "search", "client_secret": "SECRET-skill"}],
    "layers": {
        "llm": {
            "model": "m",
            "api_key": "SECRET-llm",
            "headers": {"Authorization": "SECRET-header", "X-List": ["SECRET-listed"], "X-Number": 5},
            "tools": [{"function": {"name": "wave"}, "headers": {"X-Auth": "SECRET-tool"}}],
            "extra_body": {"X-API-Key": ["SECRET-body", 1]},
            "default_query": {"token": "SECRET-query"},
        },
        "tts": {"api_key": {"inner": "SECRET-object"}, "playht_user_id": ["SECRET-list"], "voice_settings": {}},
        "stt": {"api_key": "SECRET-misplaced"},
        "transport": {"headers": {"x": "SECRET-unknown-header"}, "input_settings": {"password": "SECRET-password"}},
        "sts": {"headers": ["SECRET-listed-header"], "Authorization": "SECRET-sts"},
    },
}
SHAPE: dict[str, Any] = {
    "pal_id": "p1",
    "persona_name": "Zoë",
    "created_at": "2026-05-15T12:00:00Z",
    "api_key": "***",
    "new": {"deep": [{"access_token": "***", "note": "plain"}]},
    "skills": [{"name": "search", "client_secret": "***"}],
    "layers": {
        "llm": {
            "model": "m",
            "api_key": "***",
            "headers": {"Authorization": "***", "X-List": "***", "X-Number": "***"},
            "tools": [{"function": {"name": "wave"}, "headers": {"X-Auth": "***"}}],
            "extra_body": {"X-API-Key": ["***", 1]},
            "default_query": {"token": "***"},
        },
        "tts": {"api_key": "***", "playht_user_id": "***", "voice_settings": {}},
        "stt": {"api_key": "***"},
        "transport": {"headers": {"x": "***"}, "input_settings": {"password": "***"}},
        "sts": {"headers": ["***"], "Authorization": "***"},
    },
}


class Guide(BaseModel):
    persona: Persona
    llm: LlmLayer | None = None
    key: Secret | None = None


class Anything(BaseModel):
    value: Any


def persona() -> Persona:
    return decode_persona(json.dumps(BODY).encode())


def read_through(record: Persona) -> None:
    """Ask for everything that is read late."""
    hash(record)
    assert [record.skills, record.extra, record.layers.llm.tools, record.layers.tts.extra, record.layers.sts]


SHAPES: dict[str, Callable[[Persona], Any]] = {
    "to_dict": lambda record: record.to_dict(secrets=False),
    "vars": vars,
    "dict": dict,
    "its dict": lambda record: record.__dict__,
    "JSON of vars": lambda record: json.loads(json.dumps(vars(record), default=str)),
    "JSON of its dict": lambda record: json.loads(json.dumps(record, default=dict)),
    "jsonable_encoder": jsonable_encoder,
    "jsonable_encoder of a list": lambda record: jsonable_encoder([record])[0],
    "a model": lambda record: Guide(persona=record).model_dump()["persona"],
    "a model for JSON": lambda record: Guide(persona=record).model_dump(mode="json")["persona"],
    "a model as JSON": lambda record: json.loads(Guide(persona=record).model_dump_json())["persona"],
    "a model of anything": lambda record: Anything(value={"x": [record]}).model_dump()["value"]["x"][0],
    "a model of anything as JSON": lambda record: json.loads(Anything(value=record).model_dump_json())["value"],
    "anything": lambda record: TypeAdapter(Any).dump_python(record),
    "a type": lambda record: TypeAdapter(list[Persona]).dump_python([record])[0],
    "after a pickle": lambda record: vars(pickle.loads(pickle.dumps(record))),  # noqa: S301
    "after a change": lambda record: vars(attrs.evolve(record)),
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_all_make_the_same_of_it_before_and_after_anything_was_read(shape: Callable[[Persona], Any]) -> None:
    record = persona()
    before = shape(record)
    read_through(record)

    assert before == shape(record) == SHAPE
    assert record.to_dict() == BODY


TEXTS: dict[str, Callable[[Persona], object]] = {
    "repr": repr,
    "attrs.asdict": attrs.asdict,
    "attrs.asdict as JSON": lambda record: json.dumps(attrs.asdict(record), default=str),
    "attrs.astuple": attrs.astuple,
    "pprint": pprint.pformat,
    "pprint of vars": lambda record: pprint.pformat(vars(record)),
    "pprint of asdict": lambda record: pprint.pformat(attrs.asdict(record)),
    "rich": pretty_repr,
    "rich of a list": lambda record: pretty_repr([record, record.layers, record.layers.llm], expand_all=True),
    "rich of what is in it": lambda record: pretty_repr([record.extra, record.skills, record.layers.llm.headers]),
    "pickle": pickle.dumps,
    "model": lambda record: f"{Guide(persona=record)!r} {Guide(persona=record)}",
    "dir": dir,
    "its parts": lambda record: [*record],
    "what is in it": lambda record: [record.extra, record.layers.llm, record.layers.tts.extra, record.layers.stt.extra],
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_no_text_of_it_has_a_secret(text: Callable[[Persona], object]) -> None:
    record = persona()
    before = str(text(record))
    read_through(record)

    assert "SECRET" not in f"{before} {text(record)}"


FAILURES: dict[str, Callable[[], object]] = {
    "an unknown argument": lambda: LlmLayer(api_key="SECRET", modle="m"),  # type: ignore[call-arg]
    "an unknown argument that is a secret": lambda: LlmLayer(apikey="SECRET"),  # type: ignore[call-arg]
    "a missing id": lambda: Persona(layers=Layers(), extra={"x": "SECRET"}),  # type: ignore[call-arg]
    "a wrong type within": lambda: PersonaDraft(layers={"llm": {"api_key": "SECRET", "model": 5}}),  # type: ignore[arg-type]
    "a mapping": lambda: PersonaDraft.from_dict({"layers": {"llm": {"api_key": "SECRET", "model": 5}}}),
    "no mapping": lambda: PersonaDraft.from_dict(["SECRET"]),  # type: ignore[arg-type]
    "no id": lambda: Persona.from_dict({"layers": {"llm": {"api_key": "SECRET"}}}),
    "a wrong extra": lambda: LlmLayer(api_key="SECRET", extra=5),
    "another name": lambda: persona().pal_id,  # type: ignore[attr-defined]
}


@pytest.mark.parametrize("fail", FAILURES.values(), ids=FAILURES)
def test_no_traceback_with_locals_shows_a_secret(fail: Callable[[], object]) -> None:
    text = traceback_of(fail)

    assert "_records" in text, "there are frames of ours"
    assert "SECRET" not in text


def test_a_traceback_shows_records_without_their_secrets() -> None:
    record, unread = persona(), persona()
    read_through(record)
    text = traceback_of(lambda: json.dumps([record, unread, record.layers.llm]))

    assert "LlmLayer(" in text
    assert "SECRET" not in text


async def answer(app: Any, path: str, body: bytes | None = None) -> tuple[int, Any]:
    """The status and the JSON value of what an ASGI app answers."""
    sent: list[dict[str, Any]] = []
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET" if body is None else "POST",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(b"content-type", b"application/json")],
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body or b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    text = b"".join(message.get("body", b"") for message in sent)
    return sent[0]["status"], json.loads(text)


@pytest.fixture(scope="module")
def app() -> Any:
    made = fastapi.FastAPI()
    record = persona()

    @made.get("/plain")
    async def plain():  # type: ignore[no-untyped-def]  # noqa: ANN202 (as many people write it)
        return record

    @made.get("/any")
    async def anything() -> Any:
        return record

    @made.get("/annotated")
    async def annotated() -> Persona:
        return record

    @made.get("/list")
    async def all_of_them() -> list[Persona]:
        return [record]

    @made.get("/model")
    async def model() -> Guide:
        return Guide(persona=record)

    @made.get("/within")
    async def within() -> dict[str, Any]:
        return {"persona": record, "llm": record.layers.llm, "headers": record.layers.llm.headers}

    @made.get("/created")
    async def created() -> Any:
        return decode_created(b'{"pal_id": "p1", "token": "SECRET"}')

    @made.post("/draft")
    async def draft(body: Annotated[PersonaDraft, fastapi.Body()]) -> Any:
        return {"name": body.persona_name, "key": str(body.layers.llm.api_key), "whole": body.to_dict()}

    return made


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/plain", SHAPE),
        ("/any", SHAPE),
        ("/annotated", SHAPE),
        ("/list", [SHAPE]),
        ("/model", {"persona": SHAPE, "llm": None, "key": None}),
        (
            "/within",
            {"persona": SHAPE, "llm": SHAPE["layers"]["llm"], "headers": SHAPE["layers"]["llm"]["headers"]},
        ),
        ("/created", {"pal_id": "p1", "token": "***"}),
    ],
)
async def test_fastapi_answers_with_what_is_masked(app: Any, path: str, expected: Any) -> None:
    assert await answer(app, path) == (200, expected)
    assert await answer(app, path) == (200, expected)


async def test_fastapi_reads_drafts_of_requests(app: Any) -> None:
    body = {"pal_name": "Ada", "layers": {"llm": {"api_key": "sk-mine"}}}

    assert await answer(app, "/draft", json.dumps(body).encode()) == (
        200,
        {"name": "Ada", "key": "***", "whole": body},
    )
    status, refusal = await answer(app, "/draft", b'{"greeting": 5}')
    assert status == 422
    assert "greeting" in refusal["detail"][0]["msg"]


def test_fastapi_describes_its_api(app: Any) -> None:
    answers = app.openapi()["paths"]["/annotated"]["get"]["responses"]["200"]

    assert answers["content"]["application/json"]["schema"]["type"] == "object"


class TestPydantic:
    def test_a_record_is_taken_as_it_is(self) -> None:
        record = persona()

        assert Guide(persona=record).persona is record

    def test_a_mapping_is_read(self) -> None:
        guide = Guide.model_validate({"persona": {"pal_id": "p1", "layers": {"llm": {"api_key": "sk-1"}}}})

        assert guide.persona.layers.llm.api_key == Secret("sk-1")
        assert guide.persona.to_dict() == {"pal_id": "p1", "layers": {"llm": {"api_key": "sk-1"}}}

    def test_so_is_json(self) -> None:
        guide = Guide.model_validate_json('{"persona": {"persona_id": "p1"}, "llm": {"model": "m"}, "key": "sk-1"}')

        assert guide == Guide(persona=Persona(persona_id="p1"), llm=LlmLayer(model="m"), key=Secret("sk-1"))

    def test_what_it_dumps_it_reads(self) -> None:
        with warnings.catch_warnings(action="ignore"):
            guide = Guide.model_validate(Guide(persona=persona()).model_dump())

        assert guide.persona.to_dict(secrets=False) == SHAPE

    @pytest.mark.parametrize(
        ("value", "problem"),
        [
            ({"name": "x"}, "a Persona needs persona_id"),
            ({"persona_id": 5}, "a Persona needs persona_id"),
            (5, "takes a mapping, not a int"),
            (None, "takes a mapping, not a NoneType"),
            (LlmLayer(), "takes a mapping, not a LlmLayer"),
        ],
    )
    def test_what_is_no_record_is_a_validation_error(self, value: Any, problem: str) -> None:
        with pytest.raises(ValidationError, match=problem):
            Guide.model_validate({"persona": value})

    def test_a_draft_with_a_wrong_type_is_one_too(self) -> None:
        with pytest.raises(ValidationError, match="wrong type: greeting"):
            TypeAdapter(PersonaDraft).validate_python({"greeting": 5})

    def test_unknown_fields_are_told_at_the_callers_line(self) -> None:
        with pytest.warns(UserWarning, match="knows no modle") as caught:
            Guide.model_validate({"persona": {"persona_id": "p1"}, "llm": {"modle": "m"}})

        assert caught[0].filename == __file__

    def test_a_secret_is_a_string_that_is_written_only(self) -> None:
        schema = Guide.model_json_schema()["properties"]

        assert schema["key"]["anyOf"][0] == {"type": "string", "format": "password", "writeOnly": True}
        assert schema["persona"] == {"type": "object", "title": "Persona"}
        assert Guide.model_json_schema(mode="serialization")["properties"]["persona"]["type"] == "object"

    def test_a_secret_is_masked_in_all_that_is_dumped(self) -> None:
        guide = Guide(persona=Persona(persona_id="p1"), key="sk-secret")  # type: ignore[arg-type]

        assert guide.key == Secret("sk-secret")
        assert guide.model_dump()["key"] == guide.model_dump(mode="json")["key"] == "***"
        assert json.loads(guide.model_dump_json())["key"] == "***"
        assert "sk-" not in f"{guide!r} {guide}"

    @pytest.mark.parametrize("value", [5, ["sk"], b"sk", {"a": "b"}])
    def test_what_is_no_text_is_no_secret(self, value: Any) -> None:
        with pytest.raises(ValidationError, match="a secret must be a string"):
            TypeAdapter(Secret).validate_python(value)

    def test_none_is_no_secret_either(self) -> None:
        with pytest.raises(ValidationError, match="a secret must be a string"):
            TypeAdapter(Secret).validate_python(None)


def test_a_secret_of_its_own_is_masked_by_jsonable_encoder() -> None:
    headers = persona().layers.llm.headers

    assert "SECRET" not in json.dumps(jsonable_encoder({"key": Secret("SECRET"), "headers": headers}))


def test_the_refusal_of_a_draft_does_not_hold_what_it_held() -> None:
    with pytest.raises(InvalidRequestError) as caught:
        PersonaDraft.from_dict({"layers": {"llm": {"api_key": "SECRET", "model": 5}}})

    assert "SECRET" not in f"{caught.value} {vars(caught.value)}"
    assert caught.value.__cause__ is caught.value.__context__ is None


def test_a_page_of_records_is_written_with_their_secrets_masked() -> None:
    page = decode_personas(json.dumps({"data": [BODY, BODY], "total_count": 2}).encode())

    assert jsonable_encoder(page) == {"items": [SHAPE] * 2, "total_count": 2}
