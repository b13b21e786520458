/** Resource types and extensions of a deployer: every characteristic is enforced (RFC 7643 §2.2, §2.3.3, §2.3.4, §2.3.5, §3.2, §3.3, §6, §7). */
import type { AttributeDefinition, ResourceType } from "@rollcall/scim";
import {
  createStandardRegistry,
  defineAttribute,
  groupResourceType,
  userResourceType,
  withExtension,
} from "@rollcall/scim";
import { expect, test } from "vitest";
import { libraryProvider } from "../library-provider.ts";
import type { ScimClient } from "../scim-client.ts";
import { createScimClient, expectError, expectStatus, idsOf, unique, urn } from "../scim-client.ts";

const deviceUrn = "https://example.com/a.b/c:Device";
const flagsUrn = "urn:example:params:scim:schemas:flags:2.0:Device";
const otherUrn = "urn:example:params:scim:schemas:other:2.0:Device";
/** An attribute that is described by its own name. */
type Sketch = Omit<AttributeDefinition, "description" | "subAttributes"> & {
  readonly subAttributes?: readonly Sketch[];
};
const described = ({ subAttributes, ...rest }: Sketch): AttributeDefinition => ({
  ...rest,
  description: rest.name,
  ...(subAttributes && { subAttributes: subAttributes.map(described) }),
});
const schemaOf = (id: string, name: string, attributes: readonly Sketch[]) => ({
  id,
  name,
  description: name,
  attributes: attributes.map((attribute) => defineAttribute(described(attribute))),
});

const deviceType: ResourceType = {
  name: "Device",
  endpoint: "/Devices",
  description: "A device",
  schema: schemaOf(deviceUrn, "Device", [
    { name: "label", type: "string", required: true },
    { name: "serial", type: "string", mutability: "immutable", caseExact: true },
    { name: "model", type: "string", caseExact: true },
    { name: "always", type: "string", returned: "always" },
    { name: "onRequest", type: "string", returned: "request" },
    { name: "secret", type: "string", mutability: "writeOnly", returned: "never" },
    { name: "ports", type: "integer" },
    { name: "weight", type: "decimal" },
    { name: "built", type: "dateTime" },
    { name: "tags", type: "string", multiValued: true },
    {
      name: "slots",
      type: "complex",
      multiValued: true,
      subAttributes: [
        { name: "value", type: "string", required: true },
        { name: "kind", type: "string", returned: "always" },
        { name: "note", type: "string" },
      ],
    },
  ]),
  extensions: [],
  uniqueKeys: [{ path: "label", role: "name" }],
  pointPaths: ["label"],
  displayAttributes: ["label"],
};
const flags = schemaOf(flagsUrn, "Flags", [{ name: "code", type: "string" }]);
const other = schemaOf(otherUrn, "Other", [{ name: "code", type: "string" }]);
const optional = withExtension(withExtension(deviceType, { schema: flags, required: false }), {
  schema: other,
  required: false,
});
const demanding = withExtension(deviceType, { schema: flags, required: true });
const client = createScimClient(
  libraryProvider([...createStandardRegistry().resourceTypes, optional], { strict: true }),
);

/** Creates a device and expects 201. */
async function newDevice(attributes: Readonly<Record<string, unknown>> = {}) {
  const answer = await client.post("/Devices", deviceBody(attributes));
  expectStatus(answer, 201);
  return answer.body;
}
/** The body of a device with a label of its own. */
function deviceBody(attributes: Readonly<Record<string, unknown>> = {}) {
  return { schemas: [deviceUrn], label: unique("device"), ...attributes };
}

test("EXT-01 EXT-03 RES-29 DISC-06 DISC-09 a new type has an endpoint, discovery and the common attributes", async () => {
  const externalId = unique("ext");
  const device = await newDevice({ externalId });
  expect(device.meta).toMatchObject({ resourceType: "Device" });
  const types = await client.get("/ResourceTypes");
  expect(types.body.Resources.map(({ id }) => id)).toContain("Device");
  expectStatus(await client.get(`/Schemas/${encodeURIComponent(deviceUrn)}`), 200);
  const byCommon = await client.filter(
    "/Devices",
    `externalId eq "${externalId}" and meta.resourceType eq "Device"`,
  );
  expect(idsOf(byCommon)).toEqual([device.id]);
  const patched = await client.patch(`/Devices/${device.id}`, [
    { op: "replace", path: "label", value: unique("new") },
  ]);
  expectStatus(patched, 200);
  expectStatus(await client.delete(`/Devices/${device.id}`), 204);
});

test("EXT-04 DISC-07 every schema that a type names can be read", async () => {
  const { body } = await client.get("/ResourceTypes");
  for (const type of body.Resources) {
    const extensions = (type["schemaExtensions"] ?? []) as readonly { schema: string }[];
    for (const id of [String(type["schema"]), ...extensions.map(({ schema }) => schema)]) {
      expectStatus(await client.get(`/Schemas/${encodeURIComponent(id)}`), 200);
    }
  }
});

test("EXT-05 ENT-09 a required extension is demanded, an optional one is not", async () => {
  const strict = createScimClient(libraryProvider([demanding], { strict: true }));
  expectError(await strict.post("/Devices", deviceBody()), 400, "invalidValue");
  const whole = deviceBody({ schemas: [deviceUrn, flagsUrn], [flagsUrn]: { code: "a" } });
  expectStatus(await strict.post("/Devices", whole), 201);
  await newDevice();
});

test("EXT-07 NAME-07 equal names in two extensions do not clash, and URNs may hold dots and colons", async () => {
  const device = await newDevice({
    schemas: [deviceUrn, flagsUrn, otherUrn],
    [flagsUrn]: { code: "f" },
    [otherUrn]: { code: "o" },
  });
  const path = `/Devices/${device.id}`;
  const patched = await client.patch(path, [
    { op: "replace", path: `${otherUrn}:code`, value: "changed" },
    { op: "replace", path: `${deviceUrn}:model`, value: "m1" },
  ]);
  expectStatus(patched, 200);
  expect(patched.body).toMatchObject({
    [flagsUrn]: { code: "f" },
    [otherUrn]: { code: "changed" },
    model: "m1",
  });
  const mine = `id eq "${device.id}" and `;
  expect(idsOf(await client.filter("/Devices", `${mine}${deviceUrn}:model eq "m1"`))).toHaveLength(
    1,
  );
  expect(idsOf(await client.filter("/Devices", `${mine}${flagsUrn}:code eq "f"`))).toHaveLength(1);
  expect(idsOf(await client.filter("/Devices", `${mine}${flagsUrn}:code eq "o"`))).toHaveLength(0);
});

test("EXT-08 CHAR-03 PUT-07 PUT-08 PATCH-49 PATCH-88 an immutable attribute is set once, then only repeated", async () => {
  const device = await newDevice();
  const path = `/Devices/${device.id}`;
  const put = (attributes: Readonly<Record<string, unknown>>) =>
    client.put(path, { schemas: [deviceUrn], label: device["label"], ...attributes });
  expectStatus(await put({ serial: "a" }), 200);
  expectStatus(await put({ serial: "a" }), 200);
  expectError(await put({ serial: "b" }), 400, "mutability");
  const kept = await put({});
  expect(kept.body["serial"]).toBe("a");
  for (const op of ["add", "replace"]) {
    const changed = await client.patch(path, [{ op, path: "serial", value: "b" }]);
    expectError(changed, 400, "mutability");
  }
  const fresh = await newDevice();
  const added = await client.patch(`/Devices/${fresh.id}`, [
    { op: "add", path: "serial", value: "z" },
  ]);
  expectStatus(added, 200);
  expect((await client.get(path)).body["serial"]).toBe("a");
});

test("EXT-08 CHAR-05 CHAR-07 CHAR-08 GET-03 PROJ-12 returned decides what is shown", async () => {
  const device = await newDevice({ always: "a", onRequest: "r", model: "m", secret: "s" });
  const path = `/Devices/${device.id}`;
  const plain = (await client.get(path)).body;
  expect(plain).toMatchObject({ always: "a", model: "m" });
  expect(plain).not.toHaveProperty("onRequest");
  const asked = (await client.get(`${path}?attributes=onRequest,secret`)).body;
  expect(asked).toMatchObject({ always: "a", onRequest: "r" });
  expect(asked).not.toHaveProperty("model");
  expect(asked).not.toHaveProperty("secret");
  const excluded = (await client.get(`${path}?excludedAttributes=always,model`)).body;
  expect(excluded["always"]).toBe("a");
  expect(excluded).not.toHaveProperty("model");
  const found = await client.filter("/Devices", `id eq "${device.id}" and onRequest eq "r"`);
  expect(idsOf(found), "FILT-36: returned request may be filtered on").toEqual([device.id]);
});

test("CHAR-09 CHAR-13 CHAR-16 FILT-13 caseExact decides comparison; an attribute that says nothing is not exact", async () => {
  const device = await newDevice({ model: "Abc", label: "Label-Abc" });
  const find = async (filter: string) =>
    idsOf(await client.filter("/Devices", `id eq "${device.id}" and ${filter}`)).length;
  expect(await find('model eq "abc"')).toBe(0);
  expect(await find('model sw "Ab"')).toBe(1);
  expect(await find('model sw "ab"')).toBe(0);
  expect(await find('label eq "LABEL-abc"')).toBe(1);
  expectError(await client.post("/Devices", deviceBody({ label: "LABEL-ABC" })), 409, "uniqueness");
});

test("CHAR-15 GRP-19 a required sub-attribute of a present value is demanded", async () => {
  expectError(
    await client.post("/Devices", deviceBody({ slots: [{ note: "empty" }] })),
    400,
    "invalidValue",
  );
});

test("PROJ-16 a sub-attribute that is always returned stays beside the one asked for", async () => {
  const device = await newDevice({ slots: [{ value: "v", kind: "k", note: "n" }] });
  const { body } = await client.get(`/Devices/${device.id}?attributes=slots.value`);
  expect(body["slots"]).toEqual([{ value: "v", kind: "k" }]);
});

test("TYPE-04 TYPE-05 FILT-15 FILT-43 numbers are typed, round-trip and are compared as numbers", async () => {
  for (const ports of [1.5, "2", true]) {
    expectError(await client.post("/Devices", deviceBody({ ports })), 400, "invalidValue");
  }
  const nine = await newDevice({ ports: 9, weight: 3.25 });
  const ten = await newDevice({ ports: 10, weight: -1.5 });
  expect(nine).toMatchObject({ ports: 9, weight: 3.25 });
  const both = `(id eq "${nine.id}" or id eq "${ten.id}")`;
  const find = async (filter: string) =>
    idsOf(await client.filter("/Devices", `${both} and ${filter}`));
  expect(await find("ports lt 10")).toEqual([nine.id]);
  expect(await find("weight gt 1e0")).toEqual([nine.id]);
  expect(await find("weight eq -1.5")).toEqual([ten.id]);
  expectError(await client.filter("/Devices", "ports eq 01"), 400, "invalidFilter");
  expectError(await client.filter("/Devices", 'ports eq "9"'), 400, "invalidFilter");
  expectError(await client.filter("/Devices", 'ports co "9"'), 400, "invalidFilter");
});

test("TYPE-06 TYPE-07 FILT-19 dateTimes need a time, and compare as instants", async () => {
  for (const built of ["2024-01-01", "yesterday", "2024-13-01T00:00:00Z", 5]) {
    expectError(await client.post("/Devices", deviceBody({ built })), 400, "invalidValue");
  }
  const device = await newDevice({ built: "2024-01-01T10:00:00+02:00" });
  expect(device["built"]).toBe("2024-01-01T10:00:00+02:00");
  const find = async (filter: string) =>
    idsOf(await client.filter("/Devices", `id eq "${device.id}" and ${filter}`)).length;
  expect(await find('built eq "2024-01-01T08:00:00Z"')).toBe(1);
  expect(await find('built eq "2024-01-01T08:00:00.000"')).toBe(1);
  expect(await find('built lt "2024-01-01T09:00:00Z"')).toBe(1);
  expect(await find('built gt "2024-01-01T09:00:00Z"')).toBe(0);
  expectError(await client.filter("/Devices", 'built gt "soon"'), 400, "invalidFilter");
});

test("MULTI-12 FILT-32 simple multi-valued attributes hold each value once", async () => {
  const device = await newDevice({ tags: ["a", "A", "b"] });
  expect(device["tags"]).toEqual(["a", "b"]);
  const found = await client.filter("/Devices", `id eq "${device.id}" and tags eq "B"`);
  expect(idsOf(found)).toEqual([device.id]);
});

test("NAME-10 TYPE-14 TYPE-17 EXT-06 a schema that RFC 7643 forbids is refused when it is registered", () => {
  const registering = (attributes: readonly Sketch[]) => () =>
    libraryProvider([{ ...deviceType, schema: schemaOf(deviceUrn, "Device", attributes) }]);
  const nested: Sketch = {
    name: "outer",
    type: "complex",
    subAttributes: [
      { name: "inner", type: "complex", subAttributes: [{ name: "x", type: "string" }] },
    ],
  };
  expect(registering([{ name: "label", type: "string" }])).not.toThrow();
  expect(registering([{ name: "1abc", type: "string" }])).toThrow(TypeError);
  expect(registering([{ name: "a.b", type: "string" }])).toThrow(TypeError);
  expect(registering([nested])).toThrow(TypeError);
});

test("EXT-03 a User with a deployer's extension keeps both", async () => {
  const extended = withExtension(userResourceType, { schema: flags, required: false });
  const own = createScimClient(libraryProvider([extended, groupResourceType], { strict: true }));
  const user = await own.newUser({
    schemas: [urn.user, flagsUrn],
    [flagsUrn]: { code: "x" },
  });
  expect(user[flagsUrn]).toEqual({ code: "x" });
});

test("RES-30 a schema cannot make a common attribute something else", async () => {
  const schema = schemaOf(deviceUrn, "Device", [
    { name: "label", type: "string", required: true },
    { name: "externalId", type: "string", caseExact: false },
  ]);
  let own: ScimClient;
  try {
    own = createScimClient(libraryProvider([{ ...deviceType, schema }]));
  } catch (error) {
    expect(error).toBeInstanceOf(TypeError);
    return;
  }
  expectStatus(await own.post("/Devices", deviceBody({ externalId: "Abc" })), 201);
  expect(idsOf(await own.filter("/Devices", 'externalId eq "abc"'))).toEqual([]);
});
