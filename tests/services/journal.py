"""Firestore's durability in front of its emulator, which keeps nothing over its own death.

    python -m tests.services.journal --port N --emulator HOST:PORT --journal FILE

A gRPC proxy: every call goes through as it is, and a commit is written to FILE before its caller hears that it was done.
So what was acknowledged outlives the emulator, as it outlives any server of Firestore: start it again and `replay` the
file into it. What was done but never acknowledged is lost, and its caller cannot know, as with a cut connection.
Documents come back with new update times, so that versions which clients hold are stale: harder than the real thing.
"""

import argparse
import asyncio
import struct
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, BinaryIO

SERVICE = "/google.firestore.v1.Firestore/"
STREAMED = frozenset({"BatchGetDocuments", "RunQuery", "RunAggregationQuery"})
BATCH = 400
"""Writes of one replayed commit."""
_LENGTH = struct.Struct(">I")


async def serve(port: int, emulator: str, journal: Path) -> None:
    """Pass calls on until it is ended."""
    import grpc  # type: ignore[import-untyped]  # it has no types of its own

    channel = grpc.aio.insecure_channel(emulator, options=[("grpc.max_reconnect_backoff_ms", 500)])
    with journal.open("ab", buffering=0) as log:
        server = grpc.aio.server()
        server.add_generic_rpc_handlers((_handler(channel, log),))
        server.add_insecure_port(f"127.0.0.1:{port}")
        await server.start()
        await server.wait_for_termination()


def _handler(channel: Any, log: BinaryIO) -> Any:
    import grpc

    def metadata(context: Any) -> list[tuple[str, Any]]:
        kept = ("google-cloud-resource-prefix", "x-goog-request-params", "authorization")
        return [(key, value) for key, value in context.invocation_metadata() if key in kept]

    under_way: set[asyncio.Future[bytes]] = set()

    class Handler(grpc.GenericRpcHandler):  # type: ignore[misc]
        def service(self, call: Any) -> Any:
            name = call.method.removeprefix(SERVICE)

            async def write(request: bytes, context: Any) -> bytes:
                answer: bytes = await channel.unary_unary(call.method)(request, metadata=metadata(context), timeout=30)
                if name == "Commit":
                    log.write(_LENGTH.pack(len(request)) + request)
                return answer

            async def whole(request: bytes, context: Any) -> bytes:
                # A caller who dies does not take back what the emulator does: others may see it, so it has to be kept.
                writing = asyncio.ensure_future(write(request, context))
                under_way.add(writing)
                writing.add_done_callback(under_way.discard)
                try:
                    return await asyncio.shield(writing)
                except grpc.aio.AioRpcError as error:
                    await context.abort(error.code(), error.details() or "")
                    raise

            async def pieces(request: bytes, context: Any) -> AsyncIterator[bytes]:
                try:
                    async for piece in channel.unary_stream(call.method)(
                        request, metadata=metadata(context), timeout=30
                    ):
                        yield piece
                except grpc.aio.AioRpcError as error:
                    await context.abort(error.code(), error.details() or "")

            if name in STREAMED:
                return grpc.unary_stream_rpc_method_handler(pieces)
            return grpc.unary_unary_rpc_method_handler(whole)

    return Handler()


def commits(journal: Path) -> Iterator[bytes]:
    """The acknowledged commits in their order; one whose writing was cut off was never acknowledged."""
    data = journal.read_bytes()
    at = 0
    while at + _LENGTH.size <= len(data):
        (length,) = _LENGTH.unpack_from(data, at)
        at += _LENGTH.size
        if at + length > len(data):
            return
        yield data[at : at + length]
        at += length


async def replay(emulator: str, journal: Path) -> int:
    """Write every acknowledged commit into an empty emulator; returns how many there were."""
    import grpc
    from google.cloud.firestore_v1.types import CommitRequest

    count, database = 0, ""
    writes: list[Any] = []
    async with grpc.aio.insecure_channel(emulator) as channel:
        send = channel.unary_unary(SERVICE + "Commit", request_serializer=CommitRequest.serialize)

        async def flush() -> None:
            metadata = [("google-cloud-resource-prefix", database), ("authorization", "Bearer owner")]
            await send(CommitRequest(database=database, writes=writes), metadata=metadata, timeout=60)
            writes.clear()

        for raw in commits(journal):
            commit = CommitRequest.deserialize(raw)
            if writes and (commit.database != database or len(writes) >= BATCH):
                await flush()
            database = commit.database
            for write in commit.writes:
                write._pb.ClearField("current_document")  # it held when the commit was made
                writes.append(write)
            count += 1
        if writes:
            await flush()
    return count


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int)
    parser.add_argument("--emulator", required=True)
    parser.add_argument("--journal", type=Path, required=True)
    given = parser.parse_args()
    asyncio.run(serve(given.port, given.emulator, given.journal))


if __name__ == "__main__":
    main()
