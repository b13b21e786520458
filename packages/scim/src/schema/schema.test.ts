import { expect, test } from "vitest";
import { defineAttribute } from "./attribute.ts";
import { attributeNamed } from "./schema.ts";
import { userSchema } from "./user.ts";

test("attributes are found in any case", () => {
  expect(attributeNamed(userSchema.attributes, "userName")?.name).toBe("userName");
  expect(attributeNamed(userSchema.attributes, "USERNAME")?.name).toBe("userName");
});

test.each(["nope", "constructor", "__proto__", ""])("%j is no attribute", (name) => {
  expect(attributeNamed(userSchema.attributes, name)).toBeUndefined();
});

test("names that only differ in case from an exact one do not hide it", () => {
  const attributes = ["Code", "code"].map((name) => defineAttribute({ name, description: "d" }));
  expect(attributeNamed(attributes, "Code")?.name).toBe("Code");
  expect(attributeNamed(attributes, "code")?.name).toBe("code");
});
