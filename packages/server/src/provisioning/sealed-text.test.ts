import { expect, test } from "vitest";
import { createTextSeal } from "./sealed-text.ts";

const key = (version: number) => ({
  version,
  key: new TextEncoder().encode(`${version}`.repeat(32)),
});
const seal = createTextSeal([key(1)], "idempotency");

test("what is sealed is opened in its place alone, and looks different each time", () => {
  const sealed = seal.seal("rollcall ü", "here");
  expect(sealed).not.toContain("rollcall");
  expect(seal.seal("rollcall ü", "here")).not.toBe(sealed);
  expect(seal.open(sealed, "here")).toBe("rollcall ü");
  expect(seal.open(sealed, "there")).toBeUndefined();
  expect(seal.open(seal.seal("", "here"), "here")).toBe("");
});

test("one changed character, another key or noise open nothing", () => {
  const sealed = seal.seal("secret", "here");
  for (let place = 2; place < sealed.length - 1; place += 1) {
    const letter = sealed[place] === "A" ? "B" : "A";
    const changed = sealed.slice(0, place) + letter + sealed.slice(place + 1);
    expect(seal.open(changed, "here")).toBeUndefined();
  }
  const longer = [...["A", "=", " ", ".", ".A", "%"].map((more) => sealed + more), `0${sealed}`];
  for (const noise of ["", "1", "1.", "1.AAAA", "x.y.z", sealed.slice(0, -4), ...longer]) {
    expect(seal.open(noise, "here")).toBeUndefined();
  }
  expect(createTextSeal([key(2)], "idempotency").open(sealed, "here")).toBeUndefined();
});

test("a newer key seals, an older one still opens", () => {
  const both = createTextSeal([key(1), key(2)], "idempotency");
  expect(both.open(seal.seal("old", "here"), "here")).toBe("old");
  const sealed = both.seal("new", "here");
  expect(sealed.startsWith("2.")).toBe(true);
  expect(seal.open(sealed, "here")).toBeUndefined();
});
