"""Conversations over one WebSocket: the same exchanges as `POST /mentor/chat`, with the same keys, limits and envelope.

`messages` is what is said on the wire, `socket` the ASGI application, `connection` one learner's WebSocket, `answers` the
way from a message to its events, `signin` who may come in, `hub` the connections of this process, `serve` its server.
"""
