import { expect, test } from "vitest";
import { createJsonLog } from "./json-log.ts";
import { createRefusalLog } from "./refusal-log.ts";

test("as many refusals of an address are logged as the limit says, and one more says that there are more", () => {
  const lines: string[] = [];
  const clock = { ms: 1_000 };
  const log = createJsonLog(
    (line) => lines.push(line),
    () => clock.ms,
  );
  const refusals = createRefusalLog(log, () => clock.ms);
  const refusal = { status: 400, reason: "This is not an HTTP request.", code: "HPE_INVALID" };
  for (let index = 0; index < 20; index += 1) {
    refusals.note("192.0.2.1", refusal);
  }
  expect(lines).toHaveLength(20);
  expect(JSON.parse(lines[0] ?? "")).toEqual({
    level: "info",
    time: "1970-01-01T00:00:01.000Z",
    message: "request refused by the listener",
    ...refusal,
  });
  refusals.note("192.0.2.1", refusal);
  refusals.note("192.0.2.1", refusal);
  expect(lines).toHaveLength(21);
  expect(JSON.parse(lines[20] ?? "").message).toMatch(/^more refused requests of one address/);
  refusals.note("192.0.2.2", refusal);
  refusals.note(undefined, refusal);
  expect(lines).toHaveLength(23);
  expect(lines.join("")).not.toContain("192.0.2");
  clock.ms = 60_000;
  refusals.note("192.0.2.1", refusal);
  expect(lines).toHaveLength(24);
});
