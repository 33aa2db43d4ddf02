/** Lyo AI's client: `Lyo` for apps, and everything that is generated. */
export * from "./generated/index.js";
export { Lyo, type LyoOptions } from "./lyo.js";
export { ConnectionLost, ProblemError, isTransient } from "./problems.js";
export { type Patience } from "./patience.js";
export { MentorTurn, type Bookmark, type TurnEvent, type TurnOptions } from "./turn.js";
