import { expect, test } from "vitest";
import { mendEnterpriseUri, unwrapManagerList } from "./entra.ts";

const userUri = "urn:ietf:params:scim:schemas:core:2.0:User";
const enterpriseUri = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const misspelt = "urn:ietf:params:scim:schemas:extension:enterprise:2.0User";

test("the misspelt URI is mended in schemas and as a name", () => {
  const body = { schemas: [userUri, misspelt], userName: "a", [misspelt]: { department: "x" } };
  expect(mendEnterpriseUri.rewrite(body, "POST")).toEqual({
    schemas: [userUri, enterpriseUri],
    userName: "a",
    [enterpriseUri]: { department: "x" },
  });
});

test("a body without it stays as it is", () => {
  const body = { schemas: [userUri, enterpriseUri], [enterpriseUri]: {} };
  expect(mendEnterpriseUri.rewrite(body, "PUT")).toBe(body);
});

test("names like __proto__ stay data", () => {
  const body = JSON.parse(`{"__proto__":{"admin":true},"schemas":["${misspelt}"]}`);
  const mended = mendEnterpriseUri.rewrite(body, "POST");
  expect(Object.hasOwn(mended, "__proto__")).toBe(true);
  expect(Object.getPrototypeOf(mended)).toBe(Object.prototype);
});

test("the one element of a manager list is taken out", () => {
  const manager = { $ref: "Users/1", value: "1" };
  const other = { op: "add", path: "emails", value: [manager] };
  const body = { Operations: [{ op: "Add", path: "manager", value: [manager] }, other] };
  expect(unwrapManagerList.rewrite(body, "PATCH")).toEqual({
    Operations: [{ op: "Add", path: "manager", value: manager }, other],
  });
});

test.each([
  { Operations: [{ op: "add", path: "manager", value: { value: "1" } }] },
  { Operations: [{ op: "add", path: "manager", value: [{ value: "1" }, { value: "2" }] }] },
  { Operations: [{ op: "add", value: [{ value: "1" }] }, "nonsense", null] },
  { Operations: "nonsense" },
  {},
])("%o stays as it is", (body) => {
  expect(unwrapManagerList.rewrite(body, "PATCH")).toBe(body);
});

test("beside the right URI the misspelt one is left alone, so that neither replaces the other", () => {
  const body = { [misspelt]: { department: "x" }, [enterpriseUri]: { division: "y" } };
  expect(mendEnterpriseUri.rewrite(body, "POST")).toBe(body);
  expect(mendEnterpriseUri.rewrite({ ...body, schemas: [misspelt] }, "POST")).toEqual({
    ...body,
    schemas: [enterpriseUri],
  });
});
