"""A model server that fails on demand: OpenAI, Anthropic and Gemini wire formats, streamed and not. No model inside.

    scripts/fake-models --port 9100              # a process of its own
    async with FakeModels() as fake: ...         # inside a test, on a free port of 127.0.0.1

Served: `POST …/chat/completions` (OpenAI, vLLM), `POST …/v1/messages` (Anthropic),
`POST …/models/M:generateContent` and `:streamGenerateContent?alt=sse` (Gemini, Vertex AI), `GET …/models`, `GET /health`.

What happens to a call is chosen, in this order, by

1. a script: `POST /__script {"model": "m", "faults": ["err500", "n5-cut3", {"fault": "ok", "text": "said instead"}]}`;
   the next calls of that model ("*": of any model) take the steps in turn;
2. a `fake-…` name in the last user message, when it holds at least one word of the grammar;
3. the model's name, when it is a `fake-…` name; words in it outside the grammar are labels (`fake-primary-err500`);
4. otherwise a good answer of twelve tokens.

The grammar: words joined with hyphens behind `fake`, in any order and number; N may have decimals where it is a time.

    ok             a good answer                        nN          N tokens ("t1 light. t2 water. …"; default 12)
    Nms            latency before the status line       slowfirstNs N seconds between the headers and the first token
    paceNms        pause after every token              charsN      stream in pieces of N characters
    coldNs         calls wait until N seconds after the model's first one: a service that scaled to zero
    echo           answer with the user's message       length      finish: the limit was reached
    refuse[K]      the vendor's refusal, after K tokens blocked     the vendor refuses the prompt itself
    errCODE        that HTTP status, the vendor's body  retryS      with Retry-After: S (Gemini: also RetryInfo)
    quota          the account's quota or money is out  auth        401: the key is refused
    badkey         the same as a bad API key (Gemini: 400)          missing  404: no such model
    toolong        the prompt exceeds the context       empty       200 with empty content, finished
    cutK           connection closed after K tokens     eofK        clean end after K tokens, but nothing said it ended
    stallK         silence after K tokens               silent      200, then keep-alives only
    inbandK        an error event after K tokens (with err429, quota, auth…: that error; else a server error)
    inbandtimeoutK the same with the code request_timeout
    badjson[K]     malformed JSON (after K tokens)      html        200 with an HTML page
    refusedconn    connection closed before any byte    notjson     prose despite a schema
    usage0         an explicit usage of zero            nousage     no usage at all
    usagebig       a billion tokens each way            cachedN     N input tokens came from the vendor's cache
    thinkN         N thinking tokens in the output

In an answer that is not streamed, cut, stall and badjson strike in the middle of the body, eof leaves the finish reason out,
inband answers 200 with the error as body. `usage0` or `usagebig` with a break reports that usage before the break.
Used-up money is a 429 at OpenAI and Gemini and a 400 at Anthropic, as in reality; `err402-quota` sets the status.

A schema (OpenAI `response_format`, Anthropic `output_config` or a forced tool, Gemini `responseJsonSchema` or
`responseSchema`) is answered with JSON that fits it. The cap on output tokens is honoured. Requests that the vendor would
refuse (no messages, a role it does not know, a schema that its strict mode does not take…) are refused.

Seen from outside: `GET /__stats` {"requests", "by_model", "open", "closed_early", "tokens_sent"}; `GET /__calls?limit=N` the
last calls (1,000 are kept; secret header values as a short hash, bodies up to 256 KiB); `POST /__reset`.
"""

from scripts.fakes.models.faults import Fault, UnknownFaultError, choose, parse
from scripts.fakes.models.record import Call
from scripts.fakes.models.server import FakeModels

__all__ = ["Call", "FakeModels", "Fault", "UnknownFaultError", "choose", "parse"]
