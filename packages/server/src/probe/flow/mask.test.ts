import { expect, test } from "vitest";
import { createMask } from "./mask.ts";

const base = "https://scim.example.org/v2";

test("the same value is the same invented one, in any case, in bodies, filters and paths", () => {
  const mask = createMask(base);
  const first = mask.text("Ada@Corp.example", "userName");
  expect(first).toBe("person1.{{run}}@masked.example");
  expect(mask.text("Ada@Corp.example", "value")).toBe(first);
  expect(mask.text("ADA@CORP.EXAMPLE", "userName")).toBe("PERSON1.{{runUpper}}@MASKED.EXAMPLE");
  expect(mask.text("ada@corp.example", "userName")).toBe("Person1.{{run}}@masked.example");
  expect(mask.filter('userName eq "Ada@Corp.example" and active eq true')).toBe(
    `userName eq "${first}" and active eq true`,
  );
  expect(mask.path("/Users?filter=userName+eq+%22Ada@Corp.example%22&count=5")).toBe(
    "/Users?filter=userName+eq+%22person1.{{run}}%40masked.example%22&count=5",
  );
  expect(mask.path("/Users?filter=userName%20Eq%20Ada@Corp.example")).toBe(
    "/Users?filter=userName%20Eq%20person1.{{run}}%40masked.example",
  );
});

test("ids of the server are variables, also inside references and paths", () => {
  const mask = createMask(base);
  mask.nameValue("u-1", "user1.id");
  expect(mask.path("/Users/u-1?attributes=id")).toBe("/Users/{{user1.id}}?attributes=id");
  expect(mask.path("/Users/u-2")).toMatch(/^\/Users\/\{\{guid\d+\}\}$/);
  expect(mask.json({ value: "u-1", $ref: `${base}/Users/u-1` })).toEqual({
    value: "{{user1.id}}",
    $ref: "{{base}}/Users/{{user1.id}}",
  });
  expect(mask.json({ op: "remove", path: 'members[value eq "u-1"]' })).toEqual({
    op: "remove",
    path: 'members[value eq "{{user1.id}}"]',
  });
});

test("nothing personal is left, whatever the attribute; what belongs to the protocol stays", () => {
  const mask = createMask(base);
  const schemas = ["urn:ietf:params:scim:schemas:core:2.0:User"];
  const secret = {
    password: "hunter2",
    "urn:example:payroll": { iban: "DE00 1234", salary: 70_123, born: "1990-02-03" },
    'emails[type eq "work" and value eq "ada@corp.example"].display': "Ada",
    photos: [{ value: "https://corp.example/ada.png", type: "photo", primary: "True" }],
    x509Certificates: [{ value: "QURB" }],
    phoneNumbers: [{ value: "+49 30 123456" }],
    meta: { resourceType: "User", location: `${base}/Users/7`, version: 'W/"7"' },
  };
  const masked = mask.json({ schemas, active: false, locale: "de-DE", ...secret });
  const text = JSON.stringify(masked);
  for (const word of ["hunter2", "DE00", "70123", "1990", "ada", "Ada", "corp", "QURB", "123456"]) {
    expect(text).not.toContain(word);
  }
  expect(masked).toMatchObject({
    schemas,
    active: false,
    locale: "de-DE",
    meta: { resourceType: "User" },
    photos: [{ type: "photo", primary: "True" }],
  });
  expect(mask.path("/Users?access_token=hunter2")).not.toContain("hunter2");
});

test("a long text takes no longer than it is", () => {
  const long = "A".repeat(200_000);
  expect(createMask(base).text(long, "value")).toBe("value1-{{run}}");
});
