/** The library with the extension of the vectors, which has one attribute of every type. */
import type { AttributeDefinition } from "@rollcall/scim";
import { createStandardRegistry, defineAttribute, withExtension } from "@rollcall/scim";
import { libraryProvider } from "../library-provider.ts";
import type { Target } from "../scim-client.ts";
import { fixtures } from "./vector.ts";

/** Makes an empty service provider whose Users have the extension. */
export function extendedProvider(): Target {
  const { attributes, ...names } = fixtures.extensionSchema;
  const schema = {
    ...names,
    attributes: attributes.map((attribute) => defineAttribute(described(attribute))),
  };
  const types = createStandardRegistry().resourceTypes.map((resourceType) =>
    resourceType.name === "User"
      ? withExtension(resourceType, { schema, required: false })
      : resourceType,
  );
  return libraryProvider(types, { strict: true });
}

/** An attribute that is described by its own name. */
function described(attribute: Omit<AttributeDefinition, "description">): AttributeDefinition {
  const { subAttributes, ...rest } = attribute;
  return {
    ...rest,
    description: attribute.name,
    ...(subAttributes && { subAttributes: subAttributes.map(described) }),
  };
}
