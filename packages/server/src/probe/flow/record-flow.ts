/** Turns requests and answers into a flow: personal values masked, ids as variables, what was there before as fixtures. */
import { memberAt } from "../target.ts";
import type { Flow, FlowStep } from "./flow.ts";
import type { Mask } from "./mask.ts";
import { createMask } from "./mask.ts";

/** A request and its answer, as they went by. */
export interface Exchange {
  readonly method: string;
  /** Relative to the base URL. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly answer: { readonly status: number; readonly text: string };
}

/** A recording that goes on. */
export interface Recording {
  add(exchange: Exchange): void;
  readonly count: number;
  /** The flow so far. */
  flow(): Flow;
}

/** What was there before the recording, as far as answers have told. */
interface Fixture {
  readonly endpoint: string;
  readonly variable: string;
  body: Readonly<Record<string, unknown>>;
  /** Only the id is known so far. */
  isThin: boolean;
}

/** What the flow says about itself. */
interface RecordingWish {
  readonly baseUrl: string;
  readonly idp: string;
  readonly scenario: string;
  readonly source: string;
}

const keptHeaders = ["accept", "accept-charset", "content-type", "user-agent", "prefer"];
/** What an answer is compared by: what the client has sent comes back. */
const comparedAttributes = ["userName", "externalId", "displayName"];
const userUri = "urn:ietf:params:scim:schemas:core:2.0:User";

/** Begins a recording. */
export function createRecording({ baseUrl, ...about }: RecordingWish): Recording {
  const mask = createMask(baseUrl);
  const steps: FlowStep[] = [];
  const fixtures = new Map<string, Fixture>();
  const written = new Set<string>();
  let named = 0;

  const newVariable = (endpoint: string): string => {
    named += 1;
    return `${endpoint.toLowerCase().replace(/s$/, "")}${named}.id`;
  };

  /** Learns of a resource that was there before; a second look may tell more than the first. */
  const noteFound = (
    endpoint: string,
    id: string,
    resource?: Readonly<Record<string, unknown>>,
  ) => {
    const known = fixtures.get(id);
    if (known === undefined && mask.variableOf(id) !== undefined) {
      return;
    }
    const fixture = known ?? {
      endpoint,
      variable: newVariable(endpoint),
      body: thinBody(endpoint, named),
      isThin: true,
    };
    fixtures.set(id, fixture);
    mask.nameValue(id, fixture.variable);
    if (fixture.isThin && resource !== undefined && !written.has(id)) {
      fixture.body = fixtureBody(resource, mask, (member) => noteFound("Users", member));
      fixture.isThin = false;
    }
  };

  const noteResources = (exchange: Exchange, body: unknown): Readonly<Record<string, string>> => {
    const { endpoint } = placeOf(exchange.path);
    const created = idOf(body);
    if (exchange.method === "POST" && created !== undefined && exchange.answer.status === 201) {
      const variable = newVariable(endpoint);
      mask.nameValue(created, variable);
      return { [variable]: "id", ...versionOf(body, variable, mask) };
    }
    for (const resource of resourcesIn(body)) {
      const id = idOf(resource);
      if (id !== undefined && !isDiscovery(endpoint)) {
        noteFound(endpoint, id, asObject(resource));
      }
    }
    const variable = created === undefined ? undefined : mask.variableOf(created);
    return variable === undefined ? {} : versionOf(body, variable, mask);
  };

  return {
    get count() {
      return steps.length;
    },
    add(exchange) {
      const { endpoint, id } = placeOf(exchange.path);
      const body = parsedJson(exchange.answer.text);
      // What it names in the request has to be known before the request is masked.
      if (id !== undefined && exchange.answer.status < 300 && !isDiscovery(endpoint)) {
        noteFound(endpoint, id, exchange.method === "GET" ? asObject(body) : undefined);
      }
      const request = maskedRequest(exchange, mask);
      const save = noteResources(exchange, body);
      steps.push({ ...request, expect: expectationOf(exchange, body, mask), save });
      if (id !== undefined && exchange.method !== "GET") {
        written.add(id);
      }
    },
    flow: () => ({
      ...about,
      steps: withoutUnusedSaves([...fixtureSteps([...fixtures.values()]), ...steps]),
    }),
  };
}

function maskedRequest(exchange: Exchange, mask: Mask): Omit<FlowStep, "expect" | "save"> {
  const { method, path, headers, text, answer } = exchange;
  const kept = keptHeaders.flatMap((name) => {
    const value = headers[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const conditions = ["if-match", "if-none-match"].flatMap((name) => {
    const value = headers[name];
    return value === undefined
      ? []
      : [[name, value === "*" ? value : mask.text(value, "version")] as const];
  });
  const authorization = answer.status === 401 ? "Bearer no-{{run}}" : "Bearer {{token}}";
  const body = parsedJson(text);
  return {
    method,
    path: mask.path(path),
    headers: {
      ...Object.fromEntries([...kept, ...conditions]),
      ...(headers["authorization"] === undefined ? {} : { authorization }),
    },
    ...(text !== "" && body === undefined ? { body: "masked", raw: true } : {}),
    ...(body === undefined ? {} : { body: mask.json(body) }),
  };
}

/** The status, and what came back of what had been sent. */
function expectationOf(
  { method, path, answer }: Exchange,
  body: unknown,
  mask: Mask,
): FlowStep["expect"] {
  // A client that takes one of the two takes the other.
  const status =
    method === "PATCH" && [200, 204].includes(answer.status) ? [200, 204] : [answer.status];
  const resources = memberAt(body, "Resources");
  if (Array.isArray(resources)) {
    const isExact = /[?&]filter=[^&]*(\+|%20)eq(\+|%20)/i.test(path);
    return isExact
      ? {
          status,
          bodyContains: {
            totalResults: memberAt(body, "totalResults"),
            Resources: resources.map((resource) => comparedOf(resource, mask)),
          },
        }
      : { status };
  }
  return idOf(body) === undefined ? { status } : { status, bodyContains: comparedOf(body, mask) };
}

function comparedOf(resource: unknown, mask: Mask): unknown {
  const id = mask.variableOf(idOf(resource) ?? "");
  const active = memberAt(resource, "active");
  const members = memberAt(resource, "members");
  return {
    ...(id === undefined ? {} : { id: `{{${id}}}` }),
    ...Object.fromEntries(
      comparedAttributes.flatMap((name) => {
        const value = memberAt(resource, name);
        return typeof value === "string" && mask.knows(value)
          ? [[name, mask.text(value, name)]]
          : [];
      }),
    ),
    ...(typeof active === "boolean" ? { active } : {}),
    ...(Array.isArray(members)
      ? { members: members.flatMap((member) => memberOf(member, mask)) }
      : {}),
  };
}

function memberOf(member: unknown, mask: Mask) {
  const variable = mask.variableOf(String(memberAt(member, "value")));
  return variable === undefined ? [] : [{ value: `{{${variable}}}` }];
}

/** A fixture of which nothing but the id is known. */
function thinBody(endpoint: string, index: number): Readonly<Record<string, unknown>> {
  const name = `fixture${index}-{{run}}`;
  return endpoint === "Users"
    ? { schemas: [userUri], userName: name }
    : { schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"], displayName: name };
}

/** What a client would send to make a resource like this one. */
function fixtureBody(
  {
    id: _id,
    meta: _meta,
    groups: _groups,
    members,
    ...writable
  }: Readonly<Record<string, unknown>>,
  mask: Mask,
  noteMember: (id: string) => void,
): Readonly<Record<string, unknown>> {
  const values = Array.isArray(members) ? members.map((one) => String(memberAt(one, "value"))) : [];
  for (const value of values) {
    noteMember(value);
  }
  const masked = asObject(mask.json(writable)) ?? {};
  return values.length === 0
    ? masked
    : { ...masked, members: values.map((value) => ({ value: mask.text(value, "value") })) };
}

/** Users first, since groups name them. */
function fixtureSteps(fixtures: readonly Fixture[]): readonly FlowStep[] {
  const sorted = fixtures.toSorted(
    (one, other) => Number(one.endpoint === "Groups") - Number(other.endpoint === "Groups"),
  );
  return sorted.map(({ endpoint, variable, body }) => ({
    method: "POST",
    path: `/${endpoint}`,
    kind: "setup",
    headers: {
      authorization: "Bearer {{token}}",
      accept: "application/scim+json",
      "content-type": "application/scim+json",
    },
    body,
    expect: { status: [200, 201], note: "it was there before the recording" },
    save: { [variable]: "id" },
  }));
}

/** Variables that no step uses only make a flow longer. */
function withoutUnusedSaves(steps: readonly FlowStep[]): readonly FlowStep[] {
  const text = JSON.stringify(steps.map(({ save: _save, ...step }) => step));
  return steps.map(({ save = {}, ...step }) => {
    const used = Object.entries(save).filter(([name]) => text.includes(`{{${name}}}`));
    return used.length === 0 ? step : { ...step, save: Object.fromEntries(used) };
  });
}

/** The version of a resource, for conditions on it. */
function versionOf(body: unknown, variable: string, mask: Mask): Readonly<Record<string, string>> {
  const version = memberAt(body, "meta.version");
  if (typeof version !== "string") {
    return {};
  }
  const name = variable.replace(/\.id$/, ".version");
  mask.nameValue(version, name);
  return { [name]: "meta.version" };
}

function resourcesIn(body: unknown): readonly unknown[] {
  const resources = memberAt(body, "Resources");
  return Array.isArray(resources) ? resources : idOf(body) === undefined ? [] : [body];
}

function placeOf(path: string): { readonly endpoint: string; readonly id: string | undefined } {
  const [, endpoint = "", id] = path.replace(/\?.*/s, "").split("/");
  const isId = id !== undefined && id !== "" && !id.startsWith(".");
  return { endpoint, id: isId ? decodeURIComponent(id) : undefined };
}

function isDiscovery(endpoint: string): boolean {
  return /^(Schemas|ResourceTypes|ServiceProviderConfigs?|Bulk)$/i.test(endpoint);
}

function idOf(body: unknown): string | undefined {
  const id = memberAt(body, "id");
  return typeof id === "string" ? id : undefined;
}

function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === "object" && value !== null ? { ...value } : undefined;
}

function parsedJson(text: string): unknown {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
