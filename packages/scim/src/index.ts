/** The public names of the library. */
export type { AttributePath, ResolvedPath } from "./attribute-path/attribute-path.ts";
export { parseAttributePath } from "./attribute-path/parse-attribute-path.ts";
export {
  formatResolvedPath,
  type NameResolution,
  resolveAttributePath,
} from "./attribute-path/resolve-attribute-path.ts";
export { reasonOf, ScimError, type ScimErrorOptions, type ScimType } from "./errors.ts";
export { comparisonFormOf, comparisonFormOfValue } from "./filter/comparison-form.ts";
export { evaluateFilter, evaluateValueFilter } from "./filter/evaluate-filter.ts";
export type { ComparisonOperator, Filter, Literal } from "./filter/filter.ts";
export { formatFilter } from "./filter/format-filter.ts";
export {
  type FilterReading,
  filterDepthMax,
  filterLengthMax,
  filterTermsMax,
  parseFilter,
  parseValueFilter,
} from "./filter/parse-filter.ts";
export {
  type FilterResolution,
  resolveFilter,
  resolveValueFilter,
} from "./filter/resolve-filter.ts";
export type { Comparable, ResolvedFilter } from "./filter/resolved-filter.ts";
export { answerRequest, type PlainAnswer, type ScimReport } from "./http/answer-request.ts";
export { jsonDepthMax } from "./http/check-json-shape.ts";
export { errorResponse } from "./http/error-response.ts";
export { fetchResponseOf, type PlainResponse } from "./http/plain-response.ts";
export {
  messageLengthMax,
  parseMessage,
  relationMessageLengthMax,
} from "./http/read-message.ts";
export {
  answerScimRequest,
  createScimHandler,
  type ScimAnswer,
} from "./http/scim-handler.ts";
export { brokenBody, joinedBytes, type ScimRequest, scimRequestOf } from "./http/scim-request.ts";
export {
  type ScimMethod,
  type ScimOperation,
  type ScimRoute,
  scimRoutesOf,
} from "./http/scim-routes.ts";
export type {
  BodyRewrite,
  ClientProfile,
  ClientProfileName,
  ClientSettings,
} from "./interop/client-profile.ts";
export {
  clientProfileNamed,
  clientProfileNames,
  clientProfiles,
  clientSettingsOf,
  defaultClientSettings,
  parseClientSetting,
} from "./interop/client-profiles.ts";
export { isJsonArray, isJsonObject, type JsonObject, type JsonValue, memberOf } from "./json.ts";
export { applyPatch, type PatchedResource } from "./patch/apply-patch.ts";
export {
  type PatchOperation,
  type PatchPath,
  type PatchReading,
  parsePatchOp,
  patchOperationsMax,
} from "./patch/patch-op.ts";
export type { ComputedQuestion, ComputeExtensions } from "./provider/compute-extensions.ts";
export {
  type CreateDecision,
  type CreateFacts,
  type CreatePolicy,
  refuseDuplicates,
} from "./provider/create-policy.ts";
export type { CursorSeal } from "./provider/cursor-seal.ts";
export { relationShownMax } from "./provider/patch-answer-form.ts";
export { relationAttributesOf } from "./provider/relation-attributes.ts";
export type {
  CommitOptions,
  CommitOutcome,
  KeyHolder,
  ResourceStore,
} from "./provider/resource-store.ts";
export type {
  AuthenticationScheme,
  ProviderDescription,
  ScimContext,
  SecurityEvents,
} from "./provider/scim-context.ts";
export { createTakeTurn, type TakeTurn } from "./provider/take-turn.ts";
export {
  comparePlaces,
  formatPosition,
  type PagePlace,
  parsePosition,
  type WalkedPage,
  walkedPage,
  walkedPlace,
} from "./query/page-place.ts";
export {
  type ResolvedSearch,
  resolveSearchRequest,
  type SearchReading,
} from "./query/resolve-search-request.ts";
export { resolveSortPath, type SortReading } from "./query/resolve-sort-path.ts";
export type {
  FoundResource,
  PageWalk,
  QueryOrder,
  QueryPart,
  ResourcePage,
  ResourceQuery,
} from "./query/resource-query.ts";
export {
  pageSizeDefault,
  pageSizeMax,
  parseSearchRequest,
  type SearchRequest,
} from "./query/search-request.ts";
export { sortKeyOf } from "./query/sort-key.ts";
export { replaceAttributes } from "./resource/enforce-mutability.ts";
export {
  locationOf,
  projectResource,
  type RepresentationSite,
  relationsShown,
} from "./resource/project-resource.ts";
export type { Projection } from "./resource/projection.ts";
export type { RelationDelta, RelationStep } from "./resource/relation-delta.ts";
export type { RelationValue, Resource, StoredResource } from "./resource/resource.ts";
export type {
  CreateChange,
  DeleteChange,
  ResourceChange,
  UniqueKeyValue,
  UpdateChange,
} from "./resource/resource-change.ts";
export { versionOf } from "./resource/resource-version.ts";
export { sameJson } from "./resource/same-json.ts";
export { uniqueKeysOf } from "./resource/unique-keys.ts";
export {
  checkResource,
  type ResourceReading,
  type ValidatedResource,
  validateResource,
  withDefaults,
} from "./resource/validate-resource.ts";
export {
  type Attribute,
  type AttributeDefinition,
  type DataType,
  defineAttribute,
  type Mutability,
  type Returned,
} from "./schema/attribute.ts";
export {
  checkSimpleValue,
  comparableOf,
  compareCodePoints,
  fold,
  type ValueReading,
} from "./schema/data-type.ts";
export { enterpriseUserSchema } from "./schema/enterprise-user.ts";
export { groupResourceType, groupSchema } from "./schema/group.ts";
export {
  commonAttributes,
  coreAttributesOf,
  createResourceTypeRegistry,
  type ResourceType,
  type ResourceTypeRegistry,
  type SchemaExtension,
  type UniqueKey,
  withExtension,
} from "./schema/resource-type.ts";
export { attributeNamed, type Schema } from "./schema/schema.ts";
export { createStandardRegistry } from "./schema/standard-registry.ts";
export { userResourceType, userSchema } from "./schema/user.ts";
