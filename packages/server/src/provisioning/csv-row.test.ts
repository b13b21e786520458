import { expect, test } from "vitest";
import { objectOfRow } from "./csv-row.ts";

test("columns are attributes, sub-attributes and extensions; several values stand behind semicolons", () => {
  const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
  expect(
    objectOfRow({
      userName: "ann",
      active: "TRUE",
      "name.givenName": "Ann",
      "name.familyName": "Müller; Meier",
      emails: "ann@example.com; a@example.org;",
      groups: "Sales;g1",
      [`${enterprise}:department`]: "Sales",
      title: "",
    }),
  ).toEqual({
    userName: "ann",
    active: true,
    name: { givenName: "Ann", familyName: "Müller; Meier" },
    emails: [{ value: "ann@example.com", primary: true }, { value: "a@example.org" }],
    groups: ["Sales", "g1"],
    [enterprise]: { department: "Sales" },
  });
});

test("a column with a strange name is data, and what is neither true nor false stays what it is", () => {
  const object = objectOfRow({ "__proto__.polluted": "yes", active: "perhaps" });
  expect(Object.hasOwn({}, "polluted")).toBe(false);
  expect(object["active"]).toBe("perhaps");
});
