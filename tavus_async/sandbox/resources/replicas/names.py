"""Where the names of replicas and faces differ."""

from types import MappingProxyType

from tavus_async.sandbox.vocabulary import Names

__all__ = ["FROM_FACE", "TO_FACE"]

FROM_FACE: Names = MappingProxyType(
    {
        (): MappingProxyType(
            {
                "face_id": "replica_id",
                "face_name": "replica_name",
                "face_type": "replica_type",
                "face_uuid": "replica_uuid",
            }
        )
    }
)
"""What the names of faces are called in the store."""

TO_FACE: Names = MappingProxyType({(): MappingProxyType({stored: told for told, stored in FROM_FACE[()].items()})})
"""What the names of the store are called under `/v2/faces`."""
