/** Replaces what is personal or secret in recorded traffic by invented values, the same ones for the same value. */

/** Replaces values; what it gives back has `{{placeholders}}` in it, so that each replay has values of its own. */
export interface Mask {
  /** Masks one text that is the value of an attribute of this name. */
  text(value: string, attribute: string): string;
  /** Masks every value of a JSON value; what belongs to the protocol stays. */
  json(value: unknown): unknown;
  /** Masks the literals of a filter, or of a path with filters in it. */
  filter(text: string): string;
  /** Masks a path with its query, percent-encoded as before. */
  path(path: string): string;
  /** Tells whether a value has been masked before. */
  knows(value: string): boolean;
  /** Puts a variable in the place of a server's own value, such as an id. */
  nameValue(value: string, variable: string): void;
  /** The variable that stands for a server's value. */
  variableOf(value: string): string | undefined;
}

/** Attributes whose values say nothing about a person, or belong to the protocol. */
const protocolAttributes = new Set(
  [
    ...[
      "schemas",
      "op",
      "type",
      "primary",
      "resourceType",
      "bulkId",
      "method",
      "scimType",
      "status",
    ],
    ...[
      "attributes",
      "excludedAttributes",
      "sortBy",
      "sortOrder",
      "startIndex",
      "count",
      "failOnErrors",
    ],
    ...["locale", "preferredLanguage", "timezone", "totalResults", "itemsPerPage"],
  ].map((name) => name.toLowerCase()),
);

const comparisonPattern =
  /([\w$.:-]+)(\s+(?:eq|ne|co|sw|ew|gt|ge|lt|le)\s+)("(?:[^"\\]|\\.)*"|[^\s()[\]]+)/gi;

/** Makes a mask that has seen nothing yet. */
export function createMask(baseUrl: string): Mask {
  const variables = new Map<string, string>();
  const invented = new Map<string, { readonly first: string; readonly text: string }>();
  const numbers = new Map<number, number>();

  const text = (value: string, attribute: string): string => {
    const variable = variables.get(value);
    if (variable !== undefined) {
      return `{{${variable}}}`;
    }
    if (isOfProtocol(value, attribute)) {
      return value;
    }
    const reference = referenceOf(value);
    return reference ?? inventedFor(value, attribute);
  };

  /** `https://…/Users/id`, absolute or relative. */
  const referenceOf = (value: string): string | undefined => {
    const idAt = value.lastIndexOf("/") + 1;
    const variable = idAt === 0 ? undefined : variables.get(value.slice(idAt));
    return variable === undefined
      ? undefined
      : `${value.slice(0, idAt).replace(baseUrl, "{{base}}")}{{${variable}}}`;
  };

  const inventedFor = (value: string, attribute: string): string => {
    const key = value.toLowerCase();
    const made = invented.get(key) ?? {
      first: value,
      text: inventedText(value, attribute, invented.size + 1),
    };
    invented.set(key, made);
    if (made.first === value) {
      return made.text;
    }
    return value === value.toUpperCase() ? upperCased(made.text) : capitalised(made.text);
  };

  const number = (value: number): number => {
    const made = numbers.get(value) ?? numbers.size + 1;
    numbers.set(value, made);
    return made;
  };

  const filter = (whole: string): string =>
    whole.replace(comparisonPattern, (_, path: string, operator: string, literal: string) => {
      const attribute = lastName(path);
      if (literal.startsWith('"')) {
        return `${path}${operator}${JSON.stringify(text(literalOf(literal), attribute))}`;
      }
      const isWord = !/^(true|false|null|-?[\d.]+)$/i.test(literal);
      return `${path}${operator}${isWord ? text(literal, attribute) : literal}`;
    });

  const json = (value: unknown, attribute = ""): unknown => {
    if (typeof value === "string") {
      return attribute === "path" ? pathValue(value) : text(value, attribute);
    }
    if (typeof value === "number") {
      return protocolAttributes.has(attribute.toLowerCase()) ? value : number(value);
    }
    if (Array.isArray(value)) {
      return value.map((element) => json(element, attribute));
    }
    if (typeof value !== "object" || value === null) {
      return value;
    }
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) =>
        name === "meta" ? [name, keptMeta(member)] : maskedMember(attribute, name, member),
      ),
    );
  };

  /** Names of members may be paths of PATCH, with filters in them. */
  const maskedMember = (attribute: string, name: string, member: unknown) => [
    name.includes("[") ? filter(name) : name,
    json(member, nameWithin(attribute, name)),
  ];

  /** Of a PATCH it is a path with filters, of a bulk operation an endpoint. */
  const pathValue = (value: string): string =>
    value.startsWith("/") ? path(value) : filter(value);

  const query = (whole: string): string =>
    whole
      .split("&")
      .map((parameter) => {
        const [name = "", ...rest] = parameter.split("=");
        const value = rest.join("=");
        if (value === "" || (protocolAttributes.has(name.toLowerCase()) && name !== "schemas")) {
          return parameter;
        }
        const plain = decodedText(value);
        const masked = name.toLowerCase() === "filter" ? filter(plain) : text(plain, name);
        return `${name}=${encodedLike(value, masked)}`;
      })
      .join("&");

  const path = (whole: string): string => {
    const [place = "", ...rest] = whole.split("?");
    const [, endpoint = "", id, ...more] = place.split("/");
    const isDiscovery = /^(Schemas|ResourceTypes)$/i.test(endpoint);
    const maskedId =
      id === undefined || id === "" || isDiscovery || id.startsWith(".") || id.startsWith("bulkId:")
        ? id
        : text(decodedText(id), "id");
    const masked = ["", endpoint, ...(maskedId === undefined ? [] : [maskedId]), ...more].join("/");
    return rest.length === 0 ? masked : `${masked}?${query(rest.join("?"))}`;
  };

  return {
    text,
    json: (value) => json(value),
    filter,
    path,
    knows: (value) => variables.has(value) || invented.has(value.toLowerCase()),
    nameValue: (value, variable) => void variables.set(value, variable),
    variableOf: (value) => variables.get(value),
  };
}

/** Sub-attributes that are kept need the name of their attribute where they are called `value`. */
function nameWithin(attribute: string, name: string): string {
  return name === "value" && attribute !== "" ? attribute : lastName(name);
}

/** Of `urn:…:User:department` and of `emails[type eq "work"].value` what is last. */
function lastName(path: string): string {
  return path.split(/[.:]/).at(-1) ?? path;
}

function isOfProtocol(value: string, attribute: string): boolean {
  return (
    value === "" ||
    protocolAttributes.has(attribute.toLowerCase()) ||
    /^(true|false)$/i.test(value) ||
    /^urn:(ietf:params:)?scim:/i.test(value)
  );
}

/** Dates and versions are the server's. */
function keptMeta(meta: unknown): unknown {
  const kept = new Map<string, unknown>(Object.entries(Object(meta)));
  return kept.has("resourceType") ? { resourceType: kept.get("resourceType") } : {};
}

/** A text of the same shape that is about nobody. */
function inventedText(value: string, attribute: string, index: number): string {
  if (/^[^@\s]+@[^@\s]+$/.test(value)) {
    return `person${index}.{{run}}@masked.example`;
  }
  if (/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(value) || attribute === "id") {
    return `{{guid${index}}}`;
  }
  if (/^[a-z][a-z\d+.-]*:\/\//i.test(value)) {
    return `https://masked.example/${index}`;
  }
  if (/^\d{4}-\d\d-\d\d(T.*)?$/.test(value)) {
    return value.includes("T") ? "2000-01-01T00:00:00Z" : "2000-01-01";
  }
  if (/^x509certificates$/i.test(attribute)) {
    return Buffer.from(`masked ${index}`).toString("base64");
  }
  if (/^\+?[\d\s().-]+$/.test(value)) {
    return `555${String(index).padStart(4, "0")}`;
  }
  const word = /^\w+$/.test(attribute) ? attribute : "text";
  return /\s/.test(value) ? `${word} ${index} {{run}}` : `${word}${index}-{{run}}`;
}

function upperCased(text: string): string {
  return outsidePlaceholders(text, (part) => part.toUpperCase()).replaceAll(
    "{{run}}",
    "{{runUpper}}",
  );
}

function capitalised(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

function literalOf(quoted: string): string {
  try {
    return String(JSON.parse(quoted));
  } catch {
    return quoted.slice(1, -1);
  }
}

function decodedText(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}

/** Percent-encodes a text as the client has encoded another one. */
function encodedLike(example: string, text: string): string {
  const encoded = outsidePlaceholders(text, encodeURIComponent);
  return example.includes("+") ? encoded.replaceAll("%20", "+") : encoded;
}

function outsidePlaceholders(text: string, change: (part: string) => string): string {
  return text
    .split(/(\{\{[^{}]+\}\})/)
    .map((part) => (part.startsWith("{{") ? part : change(part)))
    .join("");
}
