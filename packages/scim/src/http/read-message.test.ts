import fc from "fast-check";
import { expect, test } from "vitest";
import { ScimError } from "../errors.ts";
import { groupResourceType } from "../schema/group.ts";
import { userResourceType } from "../schema/user.ts";
import { jsonMembersMax } from "./check-json-shape.ts";
import { messageLengthMaxOf, parseMessage, readMessage } from "./read-message.ts";
import type { ScimRequest } from "./scim-request.ts";
import { scimRequestOf } from "./scim-request.ts";

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function refusal(text: string | Uint8Array): string {
  try {
    parseMessage(typeof text === "string" ? bytes(text) : text);
  } catch (error) {
    return error instanceof ScimError ? `${error.scimType}: ${error.message}` : String(error);
  }
  return "nothing";
}

test.each([
  '{"a":1,"b":{"a":2},"c":[{"a":3},{"a":4}]}',
  '\u{FEFF}{"bom":true}',
  '{"a":"\\"a\\":1","b":"\\\\","c":"{[:"}',
  '{"a":"\\ud83c\\udf89"}',
  '{"constructor":1,"toString":2}',
  '{"A1":1,"a2":2,"A3":3,"a4":4,"A5":5,"a6":6,"A7":7,"a8":8,"A9":9,"a10":10}',
  " \n\t{}",
])("%s is read", (text) => {
  expect(parseMessage(bytes(text))).toEqual(JSON.parse(text.replace("\u{FEFF}", "")));
});

test("__proto__ is a member like any other", () => {
  const message = parseMessage(bytes('{"__proto__":{"admin":true}}'));
  expect(Object.keys(message)).toEqual(["__proto__"]);
  expect(Object.getPrototypeOf(message)).toBe(Object.prototype);
  expect("admin" in {}).toBe(false);
});

test.each([
  ["", /empty/],
  ["  \n", /empty/],
  ["[]", /not an object/],
  ['"x"', /not an object/],
  ["null", /not an object/],
  ["1", /not an object/],
  ['{"a":', /not valid JSON/],
  ['{"a": tre,', /not valid JSON/],
  ["{'a':1}", /not valid JSON/],
  ['{"a":1}{"b":2}', /not valid JSON/],
  ['{"a":"\u0000"}', /not valid JSON/],
  ['{"a":"x', /not valid JSON/],
  ['{"a":1,"a":2}', /same name/],
  ['{"__proto__":1,"__proto__":2}', /same name/],
  ['{"a":1,"\\u0061":2}', /same name/],
  ['{"b":[{"x":{"a":1,"a":1}}]}', /same name/],
  ['{"userName":1,"USERNAME":2}', /only in case/],
  ['{"x":[{"Value":"1","value":"2"}]}', /only in case/],
  [`{${"abcdefghij".replace(/./g, '"$&":1,')}"A":1}`, /only in case/],
  ['{"a":"\\u0000"}', /NUL/],
  ['{"\\u0000":1}', /NUL/],
  ['{"a":"\\ud800"}', /half a character/],
  ['{"a":["\\udf89\\ud83c"]}', /half a character/],
  [`{"a":${"[".repeat(64)}${"]".repeat(64)}}`, /deeper than 64/],
])("%s is invalidSyntax", (text, message) => {
  expect(refusal(text)).toMatch(/^invalidSyntax: /);
  expect(refusal(text)).toMatch(message);
});

test("64 levels are allowed", () => {
  expect(refusal(`{"a":${"[".repeat(63)}${"]".repeat(63)}}`)).toBe("nothing");
});

test("a million brackets are refused without being parsed", () => {
  expect(refusal("[".repeat(1_000_000))).toMatch(/deeper than 64/);
  expect(refusal('{"a":'.repeat(200_000))).toMatch(/deeper than 64/);
});

test("bad UTF-8 is refused, never replaced", () => {
  expect(refusal(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d))).toMatch(/UTF-8/);
  // A surrogate in three bytes, as CESU-8 has it.
  expect(refusal(Uint8Array.of(0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x3a, 0x31, 0x7d))).toMatch(
    /UTF-8/,
  );
});

test("the detail never quotes the body", () => {
  expect(refusal('{"password":"hunter2", oops}')).not.toMatch(/hunter2|oops/);
});

test("escaped quotes and backslashes end no string", () => {
  const text = `{"a":"${'\\"'.repeat(10_000)}","b":"${"\\\\".repeat(10_000)}"}`;
  expect(refusal(text)).toBe("nothing");
});

test("any JSON object is read as JSON.parse reads it", () => {
  const name = fc.string({ unit: "grapheme" }).map((text) => text.toLowerCase().normalize());
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { depthSize: "small" },
      fc.string({ unit: "grapheme" }).filter((text) => !text.includes("\0")),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie("any")),
      fc.dictionary(
        name.filter((text) => !text.includes("\0")),
        tie("any"),
      ),
    ),
  })).any;
  fc.assert(
    fc.property(value, (sent) => {
      const text = JSON.stringify({ sent });
      expect(parseMessage(bytes(text))).toEqual(JSON.parse(text));
    }),
    { seed: 8259 },
  );
});

function request(body: BodyInit | null, headers: Record<string, string>): ScimRequest {
  return scimRequestOf(new Request("http://x/", { method: "POST", body, headers }));
}

test.each([
  ["application/scim+json", true],
  ["application/scim+json; charset=UTF-8", true],
  ["APPLICATION/JSON;charset=utf-8;foo=bar", true],
  ["", true],
  ["text/xml", false],
  ["text/plain;charset=UTF-8", false],
  ["application/x-www-form-urlencoded", false],
  ["multipart/form-data", false],
])("Content-Type %s: %s", async (type, accepted) => {
  const message = readMessage(request(bytes("{}").slice(), { "Content-Type": type }), 100);
  await (accepted
    ? expect(message).resolves.toEqual({})
    : expect(message).rejects.toMatchObject({ status: 415 }));
});

test("a body without Content-Type is JSON", async () => {
  expect(await readMessage(request(bytes("{}").slice(), {}), 100)).toEqual({});
});

test("the limit passes and one byte more does not, whatever Content-Length says", async () => {
  const body = bytes(`{"a":"${"x".repeat(92)}"}`).slice();
  expect(body.byteLength).toBe(100);
  const headers = { "Content-Type": "application/json" };
  expect(await readMessage(request(body, headers), 100)).toBeDefined();
  await expect(readMessage(request(body, headers), 99)).rejects.toMatchObject({
    status: 413,
    message: expect.stringContaining("99 bytes"),
  });
  const said = request(bytes("{}").slice(), { ...headers, "Content-Length": "101" });
  await expect(readMessage(said, 100)).rejects.toMatchObject({ status: 413 });
});

test("a stream is read no further than the limit", async () => {
  let pulled = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      pulled++;
      controller.enqueue(new Uint8Array(10).fill(0x20));
    },
  });
  const init = { method: "POST", body: endless, duplex: "half" };
  await expect(
    readMessage(scimRequestOf(new Request("http://x/", init)), 100),
  ).rejects.toMatchObject({
    status: 413,
  });
  expect(pulled).toBeLessThan(20);
});

test("a body that breaks off is the client's failure", async () => {
  const broken = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.error(new Error("gone")),
  });
  const init = { method: "POST", body: broken, duplex: "half" };
  await expect(
    readMessage(scimRequestOf(new Request("http://x/", init)), 100),
  ).rejects.toMatchObject({
    scimType: "invalidSyntax",
  });
});

test("types with relations may be longer", () => {
  expect(messageLengthMaxOf(userResourceType)).toBe(1_048_576);
  expect(messageLengthMaxOf(groupResourceType)).toBe(33_554_432);
});

test("an object has a bounded number of members, a body has not", () => {
  const objectOf = (count: number) =>
    `{${Array.from({ length: count }, (_, index) => `"n${index}":{"x":[1]}`).join()}}`;
  expect(Object.keys(parseMessage(bytes(objectOf(jsonMembersMax))))).toHaveLength(jsonMembersMax);
  expect(refusal(objectOf(jsonMembersMax + 1))).toMatch(
    /^invalidSyntax: .* more than 10000 members/,
  );
  const small = Array.from({ length: jsonMembersMax + 1 }, () => '{"value":"a","b":"c"}');
  expect(parseMessage(bytes(`{"members":[${small.join()}]}`))["members"]).toHaveLength(
    jsonMembersMax + 1,
  );
});
