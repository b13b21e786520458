import { expect, test } from "vitest";
import { fetchResponseOf } from "./plain-response.ts";

test("status, headers and text stay what they are", async () => {
  const response = fetchResponseOf({ status: 201, headers: { ETag: 'W/"1"' }, body: "ä" });
  expect([response.status, response.headers.get("etag"), await response.text()]).toEqual([
    201,
    'W/"1"',
    "ä",
  ]);
});

test("no body is none, also where none may be", async () => {
  for (const status of [200, 204, 304]) {
    expect(fetchResponseOf({ status, headers: {}, body: undefined }).body).toBeNull();
  }
});

test("pieces are a stream that is made as it is read, and no further when it is cancelled", async () => {
  const seen = { read: 0, closed: false };
  function* pieces(): Iterable<string> {
    try {
      for (;;) {
        seen.read += 1;
        yield `${seen.read}ü `;
      }
    } finally {
      seen.closed = true;
    }
  }
  const reader = fetchResponseOf({ status: 200, headers: {}, body: pieces() }).body?.getReader();
  const first = await reader?.read();
  expect(new TextDecoder().decode(first?.value)).toBe("1ü ");
  await reader?.cancel();
  expect(seen.closed).toBe(true);
  expect(seen.read).toBeLessThan(5);
});

test("a stream ends where the pieces end", async () => {
  const response = fetchResponseOf({ status: 200, headers: {}, body: ["a", "", "ö"] });
  expect(await response.text()).toBe("aö");
});
