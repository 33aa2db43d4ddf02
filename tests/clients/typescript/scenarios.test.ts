/** The TypeScript client against a running server: what an app lives through. Run by tests/clients/test_typescript.py. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import { ConnectionLost, Lyo, type MentorTurn } from "@lyo/ai-client";
import { MODEL, Scene, TOKEN, asked, assertWhole, begunAnew, message, problem, read, scenario } from "./scene.js";

// Alone, before the others: the script is for whichever model is asked next.
scenario("an answer that breaks on the server begins anew, and says so", async (scene) => {
  const said = message("What is light?");
  const script = { model: "*", faults: ["n30-pace20ms-cut12", "n6"] };
  const scripted = await fetch(`${MODEL}/__script`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(script),
  });
  assert.ok(scripted.ok);
  const turn = scene.lyo.stream({ message: said });
  const told = await read(turn);
  assertWhole(turn, told);
  assert.equal(told.restarts, 1);
  assert.equal(await asked(said), 2);
});

void describe("side by side", { concurrency: 6 }, () => {
  scenario("a signed-in learner asks, reads the conversation and rates", async (scene) => {
    const said = message("fake-n6");
    const reply = await scene.lyo.ask({ message: said });
    assert.match(reply.text, /\S/);
    assert.equal(reply.provider, "gemma");
    assert.equal(reply.degraded, false);
    assert.equal(reply.route.attempts[0]?.outcome, "ok");
    const page = await scene.lyo.mentor.mentorConversation({ id: reply.conversationId, limit: 1 });
    assert.deepEqual(page.messages.map((one) => [one.role, one.text]), [["learner", said], ["mentor", reply.text]]);
    assert.equal(page.next, null);
    const { conversationId } = reply;
    const second = await scene.lyo.ask({ message: message("fake-n4"), conversationId });
    const first = await scene.lyo.mentor.mentorConversation({ id: conversationId, limit: 1 });
    assert.deepEqual([first.messages[1]?.text, first.next !== null], [reply.text, true]);
    const rest = await scene.lyo.mentor.mentorConversation({ id: conversationId, after: first.next ?? 0 });
    assert.deepEqual([rest.messages[1]?.text, rest.next], [second.text, null]);
    const rated = await scene.lyo.once((idempotencyKey) =>
      scene.lyo.mentor.mentorRate({ rateRequest: { messageId: reply.messageId, rating: 5 }, idempotencyKey }),
    );
    assert.equal(rated.rating, 5);
  });

  scenario("a token that is refused is made anew, once", async (scene) => {
    const refreshed: boolean[] = [];
    const stale = scene.client({ idToken: (refresh) => (refreshed.push(refresh), refresh ? TOKEN : "stale") });
    assert.ok((await stale.ask({ message: message("fake-n3") })).text);
    assert.deepEqual(refreshed, [false, true]);
    const turn = stale.stream({ message: message("fake-n3") });
    assertWhole(turn, await read(turn));
    const nobody = await problem(scene.client({ idToken: () => "nobody" }).ask({ message: "x" }));
    assert.deepEqual([nobody.status, nobody.code], [401, "unauthenticated"]);
  });

  scenario("the token of App Check goes with every request", async (scene) => {
    const checked = scene.client({ appCheckToken: () => "from-the-app" });
    const turn = checked.stream({ message: message("fake-n3") });
    await read(turn);
    await checked.ask({ message: message("fake-n3") });
    assert.deepEqual(scene.chats().map((request) => request.headers["x-firebase-appcheck"]), ["from-the-app", "from-the-app"]);
  });

  scenario("an answer is read as it is written", async (scene) => {
    const turn = scene.lyo.stream({ message: message("fake-n20-pace20ms") });
    const told = await read(turn);
    assertWhole(turn, told);
    assert.ok(told.texts.length > 1, "it came in one piece");
    assert.equal(turn.meta?.messageId, told.reply?.messageId);
    assert.equal(turn.meta?.conversationId, told.reply?.conversationId);
  });

  scenario("t33 a connection that is cut again and again loses and doubles nothing", async (scene) => {
    const said = message("fake-echo-chars3-pace20ms Почему небо синее, 天空为什么是蓝色的 und warum ist das so?");
    scene.line.next({ cut: 190 }, { cut: 1 }, { cut: 333 }, { cut: 0 }, { cut: 501 });
    const turn = scene.lyo.stream({ message: said });
    const told = await read(turn);
    assertWhole(turn, told);
    assert.equal(told.restarts, 0);
    assert.equal(await asked(said), 1);
    assert.equal(scene.chats().length, 6);
    assert.equal(new Set(scene.chats().map((request) => request.headers["idempotency-key"])).size, 1);
    const positions = scene.chats().map((request) => Number(request.headers["last-event-id"] ?? 0));
    assert.deepEqual(positions, positions.toSorted((one, other) => one - other));
    assert.equal(positions[0], 0);
    assert.ok(new Set(positions).size >= 3, positions.join(" "));
  });

  scenario("a line that falls silent is given up and taken up again", async (scene) => {
    const said = message("fake-n30-pace20ms");
    scene.line.next({ silent: 400 });
    const turn = scene.lyo.stream({ message: said }, { quietMs: 1500, attempts: 50 });
    assertWhole(turn, await read(turn));
    assert.equal(await asked(said), 1);
    assert.ok(scene.chats().length > 1);
  });

  scenario("an answer that does not begin in time is asked for again, under its key", async (scene) => {
    for (const send of [
      (said: string) => scene.lyo.ask({ message: said }, { answerMs: 1500, attempts: 50 }),
      (said: string) => read(scene.lyo.stream({ message: said }, { answerMs: 1500, attempts: 50 })),
    ]) {
      const said = message("fake-n3-slowfirst2s");
      scene.line.heard.length = 0;
      await send(said);
      assert.ok(scene.chats().length > 1);
      assert.equal(await asked(said), 1);
    }
  });

  scenario("t33 an app that was closed goes on where it was", async (scene) => {
    const said = message("fake-n40-pace20ms");
    let turn = scene.lyo.stream({ message: said });
    for await (const event of turn) if (event.type === "delta" && turn.text.length > 20) break;
    const kept: unknown = JSON.parse(JSON.stringify(turn.bookmark));
    const shown = turn.text;
    turn = scene.client().resume(kept as MentorTurn["bookmark"]);
    const told = await read(turn);
    assert.equal(shown + told.texts.join(""), told.reply?.text);
    assert.equal(turn.text, told.reply?.text);
    assert.equal(await asked(said), 1);
  });

  scenario("t33 stop ends the answer and keeps what was said", async (scene) => {
    const turn = scene.lyo.stream({ message: message("fake-n400-pace50ms") });
    let stopping: Promise<boolean> | undefined;
    const told = await read(turn, (count) => {
      if (count === 3) stopping = turn.stop();
    });
    assert.equal(await stopping, true);
    assertWhole(turn, told);
    assert.equal(told.reply?.finish, "stopped");
    assert.ok((told.reply?.usage.outputTokens ?? 400) < 400);
    assert.equal(await turn.stop(), false);
  });

  scenario("t32 a request whose answer was lost is sent again and done once", async (scene) => {
    const said = message("fake-n5");
    scene.line.next({ swallow: true }, { cut: 10 });
    const reply = await scene.lyo.ask({ message: said });
    assert.equal(scene.chats().length, 3);
    assert.equal(new Set(scene.chats().map((request) => request.headers["idempotency-key"])).size, 1);
    assert.equal(await asked(said), 1);
    const page = await scene.lyo.mentor.mentorConversation({ id: reply.conversationId });
    assert.equal(page.messages.length, 2);
  });

  scenario("a model that never ends an answer is not asked for ever", async (scene) => {
    const said = message("fake-n30-cut12");
    const turn = scene.lyo.stream({ message: said }, { restarts: 1 });
    const error = await problem(read(turn));
    assert.deepEqual([error.status, error.code], [502, "interrupted"]);
    assert.equal(await asked(said), 2);
  });

  scenario("a message that takes its instance down each time is not begun anew for ever", async (scene) => {
    const said = message("fake-n60-pace50ms");
    scene.line.next(...Array.from({ length: 12 }, () => ({ cut: 900, anew: true }) as const));
    const turn = scene.lyo.stream({ message: said }, { restarts: 2, attempts: 50 });
    let [begun, deltas] = [0, 0];
    const reading = async (): Promise<void> => {
      for await (const event of turn) {
        if (event.type === "meta" && event.restarted) begun += 1;
        if (event.type === "delta") deltas += 1;
      }
    };
    await assert.rejects(reading(), ConnectionLost);
    assert.ok(deltas >= 4, "every answer said something, so each time there was progress");
    assert.equal(begun, 3); // the third was noticed only when it had begun
    assert.equal(scene.chats().length, 4);
    assert.ok((await asked(said)) <= 4);
  });

  scenario("answers that are begun anew and say nothing are no progress", async (scene) => {
    scene.line.next(...begunAnew(12, ""));
    await assert.rejects(read(scene.lyo.stream({ message: "x" }, { restarts: 50, attempts: 3 })), ConnectionLost);
    assert.equal(scene.chats().length, 3);
  });

  scenario("an answer that the server gives up counts once, not again when the next one begins", async (scene) => {
    const given = { type: "about:blank", title: "x", status: 502, detail: "x", code: "interrupted", request_id: "r" };
    scene.line.next(...begunAnew(12, `id: 2\nevent: error\ndata: ${JSON.stringify(given)}\n\n`));
    const error = await problem(read(scene.lyo.stream({ message: "x" }, { restarts: 2 })));
    assert.equal(error.code, "interrupted");
    assert.equal(scene.chats().length, 3);
  });

  scenario("a token that cannot be had for now is asked for again", async (scene) => {
    const offline = Object.assign(new Error("offline"), { name: "FirebaseError", code: "auth/network-request-failed" });
    for (const held of ["idToken", "appCheckToken"] as const) {
      let failures = 0;
      const token = (): string => {
        if (failures-- > 0) throw offline;
        return TOKEN;
      };
      const lyo = scene.client({ [held]: token });
      failures = 2;
      assert.ok((await lyo.ask({ message: message("fake-n3") })).text);
      failures = 2;
      const turn = lyo.stream({ message: message("fake-n3") });
      assertWhole(turn, await read(turn));
      failures = 100;
      const given = (error: unknown): boolean => error instanceof ConnectionLost && error.cause === offline;
      await assert.rejects(lyo.ask({ message: "x" }, { attempts: 2 }), given);
      await assert.rejects(read(lyo.stream({ message: "x" }, { attempts: 2 })), given);
      assert.equal(failures, 96, "it was asked for more or less often than there were tries");
    }
  });

  scenario("errors are typed", async (scene) => {
    const empty = await problem(scene.lyo.ask({ message: "" }));
    assert.deepEqual([empty.status, empty.code], [422, "invalid_request"]);
    assert.equal(empty.problem.errors?.[0]?.field, "message");
    assert.match(empty.problem.requestId, /\S/);
    const streamed = await problem(read(scene.lyo.stream({ message: "" })));
    assert.equal(streamed.code, "invalid_request");
    const missing = await problem(scene.lyo.once(() => scene.lyo.mentor.mentorConversation({ id: "none" })));
    assert.deepEqual([missing.status, missing.code], [404, "not_found"]);
    const wide = await problem(scene.lyo.once(() => scene.lyo.mentor.mentorConversation({ id: "none", limit: 101 })));
    assert.deepEqual([wide.status, wide.problem.errors?.[0]?.field], [422, "limit"]);
    const first = scene.lyo.stream({ message: message("fake-n3") });
    await read(first);
    const other = { request: { message: "another" }, idempotencyKey: first.bookmark.idempotencyKey, text: "" };
    assert.equal((await problem(read(scene.lyo.resume(other)))).code, "conflict");
    assert.equal(scene.chats().length, 4, "an error that will not go away was tried again");
  });

  scenario("Retry-After is honoured, for answers and for streams", async (scene) => {
    const sends = [
      (lyo: Lyo) => lyo.ask({ message: message("fake-n3") }),
      (lyo: Lyo) => read(lyo.stream({ message: message("fake-n3") })),
    ];
    const tried = [429, 503].flatMap((status) =>
      sends.map((send) =>
        Scene.run(async ({ lyo, line }) => {
          const headers = { "Retry-After": "1", "Content-Type": "text/html" };
          line.next({ answer: status, headers, body: "<p>later</p>" });
          await send(lyo);
          const [first, second] = line.heard;
          assert.ok(first && second && second.at - first.at >= 990, `${status} was tried again too early`);
        }),
      ),
    );
    await Promise.all(tried);
    scene.line.next({ answer: 503, headers: { "Retry-After": "3600" } });
    const late = await problem(scene.lyo.ask({ message: message("fake-n3") }));
    assert.deepEqual([late.status, late.code, late.retryAfter], [503, "http_503", 3600]);
  });

  scenario("a server that is away is told as such, after the tries it was given", async (scene) => {
    const away = new Lyo({ basePath: "http://127.0.0.1:9", idToken: () => TOKEN });
    await assert.rejects(away.ask({ message: "x" }, { attempts: 2 }), ConnectionLost);
    await assert.rejects(read(away.stream({ message: "x" }, { attempts: 2 })), ConnectionLost);
  });

  scenario("an app that aborts gets its own reason", async (scene) => {
    const leaving = new AbortController();
    const turn = scene.lyo.stream({ message: message("fake-n400-pace50ms") }, { signal: leaving.signal });
    const reason = new Error("the screen was closed");
    await assert.rejects(read(turn, () => leaving.abort(reason)), reason);
    const resumed = scene.lyo.resume(turn.bookmark);
    const stopping = resumed.stop();
    assert.equal((await read(resumed)).reply?.finish, "stopped");
    assert.equal(await stopping, true);
  });
});
