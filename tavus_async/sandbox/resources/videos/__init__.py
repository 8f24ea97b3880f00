"""Videos: queued, generated, and served as files of the sandbox's own."""

from types import MappingProxyType

from tavus_async.sandbox.answers import error
from tavus_async.sandbox.collection import ResourceDefinition
from tavus_async.sandbox.registration import Registration
from tavus_async.sandbox.resources.replicas.names import FROM_FACE
from tavus_async.sandbox.resources.videos import endpoints, files

__all__ = ["VIDEO_RESOURCE"]

VIDEO_RESOURCE = Registration(
    definition=ResourceDefinition(
        name="videos",
        noun="video",
        id_prefix="",
        unknown=error("Invalid video_id"),
        incoming=FROM_FACE,
        view=endpoints.as_read,
    ),
    endpoints=MappingProxyType(
        {
            "GET /v2/videos": endpoints.list_videos,
            "POST /v2/videos": endpoints.create_video,
            "GET /v2/videos/{video_id}": endpoints.get_video,
            "DELETE /v2/videos/{video_id}": endpoints.delete_video,
            "PATCH /v2/videos/{video_id}/name": endpoints.rename_video,
            "GET /videos/{video_id}": files.show_video,
            "GET /files/videos/{video_id}/{name}": files.get_file,
        }
    ),
    keyless=frozenset({"GET /videos/{video_id}", "GET /files/videos/{video_id}/{name}"}),
)
