import { expect, test } from "vitest";
import type { Credential } from "../domain/credential.ts";
import { createNoteUse } from "./note-use.ts";

const credential = (lastUsed: string | undefined) =>
  ({ credentialId: "abc", lastUsed }) as unknown as Credential;

test("a use is noted at most once a minute, and once while a note is under way", async () => {
  const notes: string[] = [];
  const noteUse = createNoteUse({ touch: async (_, at) => void notes.push(at) }, () => undefined);
  noteUse(credential(undefined), 100_000);
  noteUse(credential(undefined), 100_001);
  await new Promise(setImmediate);
  noteUse(credential(notes[0]), 100_000 + 59_999);
  noteUse(credential(notes[0]), 100_000 + 60_000);
  expect(notes).toEqual(["1970-01-01T00:01:40.000Z", "1970-01-01T00:02:40.000Z"]);
});

test("a note that fails is told, and does not stop the next one", async () => {
  const failure = new Error("disk full");
  const errors: unknown[] = [];
  const noteUse = createNoteUse({ touch: () => Promise.reject(failure) }, (error) => {
    errors.push(error);
  });
  noteUse(credential(undefined), 0);
  await new Promise(setImmediate);
  noteUse(credential(undefined), 1);
  await new Promise(setImmediate);
  expect(errors).toEqual([failure, failure]);
});

test("a credential that was read before its use was noted does not have it noted again", async () => {
  const notes: string[] = [];
  const noteUse = createNoteUse({ touch: async (_, at) => void notes.push(at) }, () => undefined);
  for (const nowMs of [0, 1_000, 59_999]) {
    noteUse(credential(undefined), nowMs);
    await new Promise(setImmediate);
  }
  expect(notes).toHaveLength(1);
  noteUse(credential(undefined), 60_000);
  expect(notes).toHaveLength(2);
});
