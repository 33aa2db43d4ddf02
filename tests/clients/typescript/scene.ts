/** What scenarios are made of: an app on a line of its own, messages nobody has sent before, and what an answer told. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { Lyo, type LyoOptions, MentorTurn, ProblemError, type TurnEvent } from "@lyo/ai-client";
import { type Fate, type Heard, Line } from "./line.js";

const SERVER = required("LYO_URL");
export const MODEL = required("LYO_MODEL_URL");
export const TOKEN = required("LYO_TOKEN");

/** An app of its own on a line of its own, so that scenarios can run side by side. */
export class Scene {
  readonly lyo: Lyo;

  private constructor(readonly line: Line) {
    this.lyo = this.client();
  }

  static async run(body: (scene: Scene) => Promise<void>): Promise<void> {
    const line = await Line.to(SERVER);
    try {
      await body(new Scene(line));
    } finally {
      line.close();
    }
  }

  client(options: Partial<LyoOptions> = {}): Lyo {
    return new Lyo({ basePath: this.line.url, idToken: () => TOKEN, ...options });
  }

  /** The requests for an answer that came through. */
  chats(): Heard[] {
    return this.line.heard.filter((request) => request.path.endsWith("/mentor/chat"));
  }
}

export function scenario(name: string, body: (scene: Scene) => Promise<void>): void {
  void test(name, () => Scene.run(body));
}

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
}

/** A message that nobody has sent before (so no cache knows it), with the model server's word for how to answer. */
export function message(word: string): string {
  // In plain English, so that nobody takes the random letters for another language and asks for the answer again.
  return `Please tell me something about the number ${word} ${randomBytes(6).toString("hex")}`;
}

/** Streams for one request after the other, each a new answer: its `meta`, what is `said` behind it, and no end. */
export function begunAnew(length: number, said: string): Fate[] {
  const headers = { "Content-Type": "text/event-stream" };
  const meta = (number: number): string => `id: 1\nevent: meta\ndata: {"message_id": "m${number}", "request_id": "r"}\n\n`;
  return Array.from({ length }, (_, number) => ({ answer: 200, headers, body: meta(number) + said }));
}

/** How often a model was asked this. */
export async function asked(said: string): Promise<number> {
  const calls: unknown = await (await fetch(`${MODEL}/__calls?limit=1000`)).json();
  return JSON.stringify(calls).split(said.split(" ").at(-1) ?? said).length - 1;
}

export interface Told {
  texts: string[];
  restarts: number;
  reply?: Extract<TurnEvent, { type: "done" }>["reply"];
}

export async function read(turn: MentorTurn, onDelta?: (count: number) => void): Promise<Told> {
  const told: Told = { texts: [], restarts: 0 };
  for await (const event of turn) {
    if (event.type === "meta" && event.restarted) {
      told.restarts += 1;
      told.texts = [];
    }
    if (event.type === "delta") {
      told.texts.push(event.text);
      onDelta?.(told.texts.length);
    }
    if (event.type === "done") told.reply = event.reply;
  }
  return told;
}

/** An answer that came whole: what was shown is what the server keeps. */
export function assertWhole(turn: MentorTurn, told: Told): void {
  assert.ok(told.reply, "it ended without `done`");
  assert.equal(told.texts.join(""), told.reply.text);
  assert.equal(turn.text, told.reply.text);
}

export async function problem(doing: Promise<unknown>): Promise<ProblemError> {
  try {
    await doing;
  } catch (error) {
    assert.ok(error instanceof ProblemError, String(error));
    return error;
  }
  return assert.fail("it succeeded");
}
