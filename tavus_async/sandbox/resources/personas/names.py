"""Where the names of personas and PALs differ."""

from types import MappingProxyType

from tavus_async.sandbox.vocabulary import Names

__all__ = ["FROM_PAL", "TO_PAL"]

_FLOW = ("layers", "conversational_flow")

FROM_PAL: Names = MappingProxyType(
    {
        (): MappingProxyType(
            {"pal_id": "persona_id", "pal_name": "persona_name", "default_face_id": "default_replica_id"}
        ),
        _FLOW: MappingProxyType(
            {
                "pal_interruptibility": "replica_interruptibility",
                "face_interruptibility": "replica_interruptibility",
            }
        ),
    }
)
"""What the names of PALs are called in the store."""

TO_PAL: Names = MappingProxyType(
    {
        (): MappingProxyType({stored: told for told, stored in FROM_PAL[()].items()}),
        _FLOW: MappingProxyType({"replica_interruptibility": "pal_interruptibility"}),
    }
)
"""What the names of the store are called under `/v2/pals`."""
