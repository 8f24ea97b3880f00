"""Personas: https://docs.tavus.io/api-reference/personas"""

from functools import partial

from tavus_async._codec import decode_persona, decode_personas
from tavus_async._wire import Call, quote_id
from tavus_async.errors import InvalidRequestError
from tavus_async.models import Page, Persona

PATH = "/v2/personas"
PERSONA_TYPES = ("user", "system")


def get_persona(persona_id: str) -> Call[Persona]:
    """Get Persona: https://docs.tavus.io/api-reference/personas/get-persona"""
    path = f"{PATH}/{quote_id(persona_id, name='persona_id')}"
    decode = partial(decode_persona, persona_id=persona_id)
    return Call(method="GET", path=path, decode=decode, reads=path)


def list_personas_page(*, page: int = 1, limit: int = 10, persona_type: str | None = None) -> Call[Page[Persona]]:
    """List Personas: https://docs.tavus.io/api-reference/personas/get-personas"""
    for name, value in (("page", page), ("limit", limit)):
        if type(value) is not int or value < 1:
            message = f"{name} must be a whole number from 1 up, not {value!r}"
            raise InvalidRequestError(message)
    if persona_type is not None and persona_type not in PERSONA_TYPES:
        message = f"persona_type must be one of {', '.join(PERSONA_TYPES)}, not {persona_type!r}"
        raise InvalidRequestError(message)
    asked = {"limit": str(limit), "page": str(page), "persona_type": persona_type}
    query = tuple((name, value) for name, value in asked.items() if value is not None)
    return Call(method="GET", path=PATH, decode=decode_personas, query=query)
