/** `rollcall user` and `rollcall group`: shows what a connection has provisioned. */
import type { JsonObject, ResourceQuery, ResourceType, StoredResource } from "@rollcall/scim";
import { isJsonArray, isJsonObject, projectResource } from "@rollcall/scim";
import type { Instance } from "../compose.ts";
import { scopeOf } from "../domain/connection.ts";
import { refusal } from "../domain/refusal.ts";
import type { Call, Command } from "./command.ts";
import { findConnection } from "./find-connection.ts";
import { findResource, resourceQueryOf, typeNamed } from "./find-resource.ts";
import { formatFields, formatTable } from "./format-table.ts";
import { countLines, moveLines } from "./preview-lines.ts";
import { wholeNumberOption } from "./whole-number-option.ts";

/** The most resources that are listed at once. */
const countMax = 1000;
/** The most values of an attribute that are shown to a person. */
const valuesShownMax = 20;

/** A noun of the command line, the resource type behind it and the columns of its table. */
interface Noun {
  readonly noun: string;
  readonly typeName: string;
  readonly columns: readonly string[];
}

const nouns: readonly Noun[] = [
  {
    noun: "user",
    typeName: "User",
    columns: ["userName", "active", "displayName", "emails", "externalId"],
  },
  { noun: "group", typeName: "Group", columns: ["displayName", "externalId"] },
];

/** The commands. */
export const resourceCommands: readonly Command[] = nouns.flatMap((noun) => [
  {
    usage: `${noun.noun} list <tenant/connection>`,
    summary: `list the ${noun.noun}s of a connection`,
    options: [
      ["--filter <filter>", `a SCIM filter, such as '${noun.columns[0]} co "a"'`],
      ["--start <index>", "the first to list, counted from 1"],
      ["--count <count>", `how many to list, up to ${countMax} (default: 100)`],
    ],
    usedBy: "all",
    folder: "need",
    run: (call) => listResources(call, noun),
  },
  {
    usage: `${noun.noun} show <tenant/connection> <id>`,
    summary: `show one ${noun.noun}, by its id or its ${noun.columns[0]}`,
    options: [],
    usedBy: "all",
    folder: "need",
    run: (call) => showResource(call, noun),
  },
  ...(noun.noun === "group"
    ? [
        {
          usage: "group preview-removal <tenant/connection> <id>",
          summary: "tell what it would do to people if the identity provider deleted a group",
          options: [],
          usedBy: "all" as const,
          folder: "need" as const,
          run: (call: Call) => previewRemoval(call, noun),
        },
      ]
    : []),
]);

async function listResources(call: Call, { noun, typeName, columns }: Noun): Promise<number> {
  const instance = await call.open();
  const found = await findConnection(instance.store, call.args[0] ?? "");
  const resourceType = typeNamed(instance, typeName);
  const start = wholeNumberOption(call, "start", 1, 1, Number.MAX_SAFE_INTEGER);
  const count = wholeNumberOption(call, "count", 100, 0, countMax);
  const filter = call.text("filter");
  const query: ResourceQuery = {
    ...resourceQueryOf(instance, found, resourceType, filter),
    startIndex: start,
    count,
  };
  const page = await instance.store.resources.query(scopeOf(found.connection), query);
  const shown = page.resources.map((stored) => representationOf(stored, resourceType, instance));
  call.answer({ totalResults: page.totalResults, startIndex: start, resources: shown }, [
    ...formatTable(
      ["ID", ...columns.map((column) => column.toUpperCase()), "LAST MODIFIED"],
      page.resources.map(({ id, attributes, lastModified }) => [
        id,
        ...columns.map((column) => cellOf(attributes, column)),
        lastModified,
      ]),
    ),
    positionOf(page, start, noun),
  ]);
  return 0;
}

/** Which part of all there is was listed, and how to go on where there is more. */
function positionOf(
  page: { readonly resources: readonly unknown[]; readonly totalResults: number },
  start: number,
  noun: string,
): string {
  const { totalResults } = page;
  const shown = page.resources.length;
  const all = `${totalResults} ${noun}${totalResults === 1 ? "" : "s"}`;
  const last = start + shown - 1;
  if (shown === totalResults) {
    return all;
  }
  if (shown === 0) {
    return `none of ${all}`;
  }
  const more = last < totalResults ? `; go on with --start ${last + 1}` : "";
  return `${start} to ${last} of ${all}${more}`;
}

async function showResource(call: Call, noun: Noun): Promise<number> {
  const instance = await call.open();
  const [connectionName = "", id = ""] = call.args;
  const found = await findConnection(instance.store, connectionName);
  const resourceType = typeNamed(instance, noun.typeName);
  const stored = await findResource(instance, found, resourceType, id);
  if (stored === undefined) {
    throw refusal(`${connectionName} has no ${noun.noun} ${id}`);
  }
  const shown = representationOf(stored, resourceType, instance);
  call.answer(shown, formatFields(fieldsOf(shown)));
  return 0;
}

async function previewRemoval(call: Call, { typeName }: Noun): Promise<number> {
  const instance = await call.open();
  const [connectionName = "", id = ""] = call.args;
  const found = await findConnection(instance.store, connectionName);
  const group = await findResource(instance, found, typeNamed(instance, typeName), id);
  const summary = group && (await instance.rollout.previewGroupRemoval(found.connection, group));
  if (summary === undefined) {
    throw refusal(`${connectionName} has no group ${id}`);
  }
  call.answer(summary, [...moveLines(summary), ...countLines(summary.counts)]);
  return 0;
}

function representationOf(
  stored: StoredResource,
  resourceType: ResourceType,
  { registry, scimUrl }: Instance,
): JsonObject {
  const site = { registry, baseUrl: scimUrl() };
  return projectResource(stored, resourceType, { kind: "default" }, site);
}

/** One cell: a value as it is; of several the primary one, else the first. */
function cellOf(attributes: JsonObject, name: string): string | undefined {
  const value = attributes[name];
  if (!isJsonArray(value)) {
    return value === undefined ? undefined : String(value);
  }
  const elements = value.filter(isJsonObject);
  const chosen = elements.find((element) => element["primary"] === true) ?? elements[0];
  const text = chosen?.["value"];
  return typeof text === "string" ? text : undefined;
}

/** Flattens a representation into names and texts for a person. */
function fieldsOf(representation: JsonObject): readonly (readonly [string, string])[] {
  return Object.entries(representation).flatMap(([name, value]): (readonly [string, string])[] => {
    if (isJsonArray(value)) {
      const more = value.length - valuesShownMax;
      return [
        ...value.slice(0, valuesShownMax).map((element) => [name, textOf(element)] as const),
        ...(more > 0 ? [[name, `and ${more} more`] as const] : []),
        ...(value.length === 0 ? [[name, "none"] as const] : []),
      ];
    }
    return isJsonObject(value)
      ? Object.entries(value).map(([inner, part]) => [`${name}.${inner}`, textOf(part)] as const)
      : [[name, String(value)]];
  });
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
