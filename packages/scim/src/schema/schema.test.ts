import { expect, test } from "vitest";
import { attributeNamed } from "./schema.ts";
import { userSchema } from "./user.ts";

test("attributes are found in any case", () => {
  expect(attributeNamed(userSchema.attributes, "userName")?.name).toBe("userName");
  expect(attributeNamed(userSchema.attributes, "USERNAME")?.name).toBe("userName");
});

test.each(["nope", "constructor", "__proto__", ""])("%j is no attribute", (name) => {
  expect(attributeNamed(userSchema.attributes, name)).toBeUndefined();
});
