/** Which attributes a response shows (RFC 7643 §7 returned, RFC 7644 §3.9). */
import type { ResolvedPath } from "../attribute-path/attribute-path.ts";
import type { Attribute } from "../schema/attribute.ts";

/** Whether named attributes are all that is shown, or all that is not. */
export type SelectionKind = "default" | "only" | "without";

/** Answers for one response; `extension` is the URI of the extension an attribute belongs to. */
export interface AttributeSelection {
  /** The sub-attributes to show (empty for a simple attribute); undefined when the attribute is not shown. */
  partsShown(attribute: Attribute, extension?: string): readonly Attribute[] | undefined;
}

/** What the paths of a projection say about one attribute. */
interface Naming {
  readonly whole: boolean;
  readonly parts: ReadonlySet<Attribute>;
}

const unnamed: Naming = { whole: false, parts: new Set() };

/** Makes the selection that goes with the attributes named. */
export function attributeSelectionOf(
  kind: SelectionKind,
  paths: readonly ResolvedPath[],
): AttributeSelection {
  const naming = namingBy(paths);
  return {
    partsShown: (attribute, extension) => {
      const named = naming(attribute, extension);
      return isShown(attribute, named, kind)
        ? attribute.subAttributes.filter((part) => isPartShown(part, attribute, named, kind))
        : undefined;
    },
  };
}

function namingBy(paths: readonly ResolvedPath[]) {
  const schemas = new Set<string | undefined>();
  const whole = new Set<Attribute>();
  const parts = new Map<Attribute, Set<Attribute>>();
  for (const { extension, attribute, subAttribute } of paths) {
    if (attribute === undefined) {
      schemas.add(extension);
    } else if (subAttribute === undefined) {
      whole.add(attribute);
    } else {
      parts.set(attribute, (parts.get(attribute) ?? new Set()).add(subAttribute));
    }
  }
  return (attribute: Attribute, extension: string | undefined): Naming => ({
    whole: schemas.has(extension) || whole.has(attribute),
    parts: parts.get(attribute) ?? unnamed.parts,
  });
}

function isShown(attribute: Attribute, { whole, parts }: Naming, kind: SelectionKind): boolean {
  switch (attribute.returned) {
    case "always":
      return true;
    case "never":
      return false;
    case "request":
      return kind === "only" && (whole || parts.size > 0);
    case "default":
      return kind === "only" ? whole || parts.size > 0 : !whole;
  }
}

function isPartShown(
  part: Attribute,
  attribute: Attribute,
  { whole, parts }: Naming,
  kind: SelectionKind,
): boolean {
  switch (part.returned) {
    case "always":
      return true;
    case "never":
      return false;
    case "request":
      return kind === "only" && parts.has(part);
    case "default":
      if (kind === "only") {
        // An attribute that is always returned and named nowhere keeps what it shows by default.
        return whole || parts.has(part) || (parts.size === 0 && attribute.returned === "always");
      }
      return !parts.has(part);
  }
}
