/** What the paths of a filter lead to in a resource: columns, its folded JSON copy, its relations (RFC 7643 §3). */
import type { Attribute, ResolvedPath } from "@rollcall/scim";
import type { FilterSite } from "./filter-site.ts";
import type { FilterTarget, JsonReading } from "./filter-target.ts";
import { always, jsonTarget, never, nothing, textTarget } from "./filter-target.ts";
import { relationTarget } from "./relation-target.ts";
import type { Statement } from "./statement.ts";
import { compose, statement } from "./statement.ts";

const document: Statement = statement("r.folded");

/** Finds what a path leads to, its sub-attribute aside, in the resource `r`. */
export function resourceTarget(path: ResolvedPath, site: FilterSite): FilterTarget {
  const { extension, attribute } = path;
  if (extension !== undefined) {
    return attribute === undefined
      ? extensionTarget(extension, site)
      : jsonTarget(attribute, document, [extension, attribute.name], jsonReadingOf(site));
  }
  return attribute === undefined ? wholeResource : coreTarget(attribute, site);
}

const wholeResource: FilterTarget = {
  kind: "scalar",
  scalar: {
    text: statement("NULL"),
    number: statement("NULL"),
    is: () => never,
    exists: always,
    present: always,
  },
};

function extensionTarget(extension: string, site: FilterSite): FilterTarget {
  const schema = site.resourceType.extensions.find(({ schema }) => schema.id === extension)?.schema;
  return {
    kind: "object",
    exists: compose`${site.dialect.jsonAt(document, [extension])} IS NOT NULL`,
    members: new Map(
      (schema?.attributes ?? []).map((attribute) => [
        attribute.name,
        () => jsonTarget(attribute, document, [extension, attribute.name], jsonReadingOf(site)),
      ]),
    ),
  };
}

function coreTarget(attribute: Attribute, site: FilterSite): FilterTarget {
  if (attribute.stored === "relation" || attribute.stored === "derived") {
    return relationTarget(attribute, site);
  }
  switch (attribute.name) {
    case "id":
      return textTarget(statement("r.resource_id"));
    case "meta":
      return metaTarget(attribute, site);
    default:
      return jsonTarget(attribute, document, [attribute.name], jsonReadingOf(site));
  }
}

function metaTarget(meta: Attribute, { dialect, resourceType, baseUrl }: FilterSite): FilterTarget {
  const texts: Readonly<Record<string, Statement>> = {
    resourceType: compose`${resourceType.name}`,
    created: sortable("r.created_at"),
    lastModified: sortable("r.last_modified"),
    // Ids are made of characters that stand in a URL as they are.
    location: compose`(${`${baseUrl}${resourceType.endpoint}/`} || r.resource_id)`,
    version: statement(`('W/"' || r.revision || '"')`),
  };
  return {
    kind: "object",
    exists: always,
    members: new Map(
      meta.subAttributes.map(({ name, type, caseExact }) => {
        const text = texts[name];
        const cased = caseExact || type === "dateTime" || text === undefined;
        return [name, () => (text ? textTarget(cased ? text : dialect.folded(text)) : nothing)];
      }),
    ),
  };
}

/** The comparison form of a time column, which has milliseconds: nine digits of fraction. */
function sortable(column: string): Statement {
  return statement(`(substr(${column}, 1, 23) || '000000Z')`);
}

function jsonReadingOf(site: FilterSite): JsonReading {
  return {
    dialect: site.dialect,
    newAlias: site.newAlias,
    derivedReference: (subAttribute, value) => derivedReference(subAttribute, value, site),
  };
}

/** `$ref` of a reference to resources: derived when the type it points to is one alone, otherwise absent. */
function derivedReference(
  subAttribute: Attribute,
  value: FilterTarget,
  { dialect, scope, resourceType, baseUrl }: FilterSite,
): FilterTarget | undefined {
  const types = (subAttribute.referenceTypes ?? []).filter(
    (name) => name !== "external" && name !== "uri",
  );
  if (subAttribute.name !== "$ref" || subAttribute.type !== "reference" || types.length === 0) {
    return undefined;
  }
  const [type, ...others] = types;
  if (type === undefined || others.length > 0 || value.kind !== "scalar") {
    return nothing;
  }
  const endpoint =
    type === resourceType.name
      ? compose`${resourceType.endpoint}`
      : compose`(SELECT endpoint FROM resource_totals WHERE tenant_id = ${scope.tenantId} AND connection_id = ${scope.connectionId} AND resource_type = ${type})`;
  const text = compose`(${baseUrl} || ${endpoint} || '/' || ${dialect.uriComponent(compose`nullif(${value.scalar.text}, '')`)})`;
  return textTarget(subAttribute.caseExact ? text : dialect.folded(text));
}
