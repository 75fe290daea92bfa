"""A Secret Manager on this host: a real gRPC server that speaks Google's API, for the real client."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import grpc  # type: ignore[import-untyped]
from google.cloud import secretmanager_v1

_SERVICE = "google.cloud.secretmanager.v1.SecretManagerService"


@dataclass
class SecretService:
    """What it holds, by resource name; and what it was asked. `refuse` is how it answers whatever is asked."""

    secrets: Mapping[str, bytes]
    refuse: grpc.StatusCode | None = None
    asked: list[str] = field(default_factory=list)
    address: str = ""

    def access(
        self, request: secretmanager_v1.AccessSecretVersionRequest, context: grpc.ServicerContext
    ) -> secretmanager_v1.AccessSecretVersionResponse:
        """AccessSecretVersion, as the API's reference describes it."""
        self.asked.append(request.name)
        if self.refuse is not None:
            context.abort(self.refuse, "refused")
        if request.name not in self.secrets:
            context.abort(grpc.StatusCode.NOT_FOUND, "Secret not found or has no versions.")
        payload = secretmanager_v1.SecretPayload(data=self.secrets[request.name])
        return secretmanager_v1.AccessSecretVersionResponse(name=request.name, payload=payload)


@contextmanager
def secret_service(service: SecretService) -> Iterator[SecretService]:
    """Let it serve on a free port of the loopback address."""
    request, response = secretmanager_v1.AccessSecretVersionRequest, secretmanager_v1.AccessSecretVersionResponse
    method = grpc.unary_unary_rpc_method_handler(
        service.access, request_deserializer=request.deserialize, response_serializer=response.serialize
    )
    server = grpc.server(ThreadPoolExecutor(1))
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(_SERVICE, {"AccessSecretVersion": method}),))
    service.address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    try:
        yield service
    finally:
        server.stop(None).wait()
