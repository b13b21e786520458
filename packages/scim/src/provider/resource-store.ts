/** The storage port: all that the library asks of a database. One instance serves one population (RFC 7644 §6). */
import type { ResourcePage, ResourceQuery } from "../query/resource-query.ts";
import type { StoredResource } from "../resource/resource.ts";
import type { ResourceChange, UniqueKeyValue } from "../resource/resource-change.ts";
import type { ResourceType } from "../schema/resource-type.ts";

/**
 * Where a service provider keeps its resources. The port is not interactive: a request reads what it needs,
 * decides in pure code and commits once; a conflict is reported, and the request decides again.
 */
export interface ResourceStore {
  /** Reads one live resource, with the relations named. */
  read(
    resourceType: ResourceType,
    id: string,
    relations: readonly string[],
  ): Promise<StoredResource | undefined>;

  /** Finds the live resources that hold any of the keys, in the order of the keys. */
  readByKeys(
    resourceType: ResourceType,
    keys: readonly UniqueKeyValue[],
  ): Promise<readonly KeyHolder[]>;

  /** Answers a query from one consistent snapshot. */
  query(query: ResourceQuery): Promise<ResourcePage>;

  /**
   * Applies the change and all it causes, or nothing. A change without effect is committed with
   * `changed: false`: same revision and lastModified, nothing recorded anywhere.
   */
  commit(change: ResourceChange, options: CommitOptions): Promise<CommitOutcome>;
}

/** A live resource that holds a key that was asked for. */
export interface KeyHolder {
  readonly path: string;
  readonly resource: StoredResource;
}

/** How to commit. */
export interface CommitOptions {
  /**
   * The revision the change was decided on; the commit is `stale` when the resource has another one.
   * Undefined for a create, and for an update that leaves the attributes as they are: its relation steps are right
   * on any revision, so that many clients can add members to one group at once. The store then applies the steps
   * alone and leaves the attributes that it has, whatever `after` says; `stale` only when the resource is gone.
   */
  readonly expectedRevision: number | undefined;
  /** Refuse ids in relations that are no live resource, instead of skipping them. */
  readonly strictReferences: boolean;
  /** The time of the change: milliseconds since 1970. */
  readonly nowMs: number;
  /** Base URL of the service, for `removeWhere` steps that read `$ref`; without trailing slash. */
  readonly baseUrl?: string;
}

/** What became of a commit. */
export type CommitOutcome =
  | {
      readonly kind: "committed";
      readonly changed: boolean;
      readonly revision: number;
      readonly created: string;
      readonly lastModified: string;
      /** How many values each relation of the change has afterwards; a delta without steps only asks for the number. */
      readonly relationCounts: Readonly<Record<string, number>>;
      /** Ids that were skipped because no live resource has them, or because they are the resource itself. */
      readonly skippedReferences: readonly string[];
      /** What the operator should know of what else the change did or left undone, without personal data. */
      readonly warnings?: readonly string[];
    }
  /** The resource has moved on, or is gone. */
  | { readonly kind: "stale" }
  /** Another live resource holds the key. */
  | { readonly kind: "taken"; readonly path: string; readonly holderId: string }
  /** `strictReferences` and some ids are no live resource. */
  | { readonly kind: "unknownReferences"; readonly ids: readonly string[] };
