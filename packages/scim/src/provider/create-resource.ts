/** Creates a resource with POST, or adopts the one that is already there (RFC 7644 §3.3, §3.3.1). */
import { relationsShown } from "../resource/project-resource.ts";
import type { Projection } from "../resource/projection.ts";
import type { StoredResource } from "../resource/resource.ts";
import type { CreateChange, UniqueKeyValue } from "../resource/resource-change.ts";
import { uniqueKeysOf } from "../resource/unique-keys.ts";
import type { ValidatedResource } from "../resource/validate-resource.ts";
import { validateResource, withDefaults } from "../resource/validate-resource.ts";
import type { ResourceType } from "../schema/resource-type.ts";
import { adoptResource } from "./adopt-resource.ts";
import type { Committed } from "./commit-change.ts";
import { commitChange } from "./commit-change.ts";
import type { CreateDecision } from "./create-policy.ts";
import type { Decided } from "./decide-again.ts";
import { answered, decideAgain, uniquenessError } from "./decide-again.ts";
import type { OperationAnswer } from "./operation-answer.ts";
import { resourceAnswer } from "./operation-answer.ts";
import type { BodyRequest } from "./operation-request.ts";
import { replacedRelations } from "./relation-attributes.ts";
import { requestedProjection } from "./requested-projection.ts";
import { rewriteBody } from "./rewrite-body.ts";
import type { ScimContext } from "./scim-context.ts";

/** Answers POST: 201 for a new resource, 200 for an adopted one. */
export async function createResource(
  request: BodyRequest,
  context: ScimContext,
): Promise<OperationAnswer> {
  const { resourceType } = request;
  const projection = requestedProjection(request, context);
  const body = rewriteBody(request.body, "POST", context);
  const read = validateResource(body, resourceType, context.settings);
  const sent = { ...read, attributes: withDefaults(read.attributes, resourceType) };
  const uniqueKeys = uniqueKeysOf(resourceType, sent.attributes, { ...context.settings });
  const id = context.newId();
  read.warnings.forEach(context.warn);

  return decideAgain(async () => {
    const decision = await decideCreate(resourceType, sent, uniqueKeys, context);
    switch (decision.kind) {
      case "create": {
        const relations = replacedRelations(sent, resourceType, "keep");
        const after = sent.attributes;
        return commitCreate(
          { kind: "create", resourceType, id, after, relations, uniqueKeys },
          projection,
          context,
        );
      }
      case "adopt":
        return adoptResource(decision.existing, sent, { resourceType, projection }, context);
      case "refuse":
        throw uniquenessError(decision.path, decision.existingId);
    }
  });
}

async function decideCreate(
  resourceType: ResourceType,
  sent: ValidatedResource,
  keys: readonly UniqueKeyValue[],
  { store, settings, createPolicy }: ScimContext,
): Promise<CreateDecision> {
  const holders = keys.length === 0 ? [] : await store.readByKeys(resourceType, keys);
  const pathsOf = (role: "name" | "external") =>
    resourceType.uniqueKeys.filter((key) => key.role === role).map((key) => key.path);
  const holderOf = (paths: readonly string[]) =>
    holders.find((holder) => paths.includes(holder.path));
  const names = pathsOf("name");
  const byName = holderOf(names);
  return createPolicy({
    resourceType,
    attributes: sent.attributes,
    byName: byName?.resource,
    namePath: byName?.path ?? names[0],
    byExternalId: holderOf(pathsOf("external"))?.resource,
    settings,
  });
}

async function commitCreate(
  change: CreateChange,
  projection: Projection,
  context: ScimContext,
): Promise<Decided> {
  const { resourceType } = change;
  const outcome = await commitChange(change, undefined, context);
  if (outcome.kind !== "committed") {
    return outcome;
  }
  const stored = await readCreated(change, outcome, projection, context);
  return answered(await resourceAnswer(201, stored, { resourceType, projection }, context));
}

/** The new resource; it has no relations but those it came with, so that most need not be read. */
async function readCreated(
  { resourceType, id, after: attributes }: CreateChange,
  { created, lastModified, revision, relationCounts }: Committed,
  projection: Projection,
  { store }: ScimContext,
): Promise<StoredResource> {
  const shown = relationsShown(resourceType, projection);
  const empty = Object.fromEntries(shown.map((name) => [name, []]));
  const stored = { id, attributes, created, lastModified, revision, relations: empty };
  return shown.some((name) => (relationCounts[name] ?? 0) > 0)
    ? ((await store.read(resourceType, id, shown)) ?? stored)
    : stored;
}
