/** In which order the operations of a bulk job are carried out, so that every `bulkId` has its resource (RFC 7644 §3.7, §3.7.1). */

/** What one operation makes and what it waits for. */
export interface OperationNeeds {
  /** The bulkId of what it creates. */
  readonly creates: string | undefined;
  /** The bulkIds that it refers to. */
  readonly needs: readonly string[];
}

/** One step of a job; `index` is the place of the operation in the request. */
export type BulkStep =
  /** The operation, without its references to these bulkIds: they are in a circle with it. */
  | { readonly kind: "perform"; readonly index: number; readonly without: readonly string[] }
  /** The references that it was carried out without. */
  | { readonly kind: "complete"; readonly index: number; readonly references: readonly string[] };

/** An operation that waits for others, or has been carried out without them. */
interface Waiting {
  readonly index: number;
  readonly awaited: Set<string>;
  /** The references that it was carried out without; undefined as long as it waits. */
  without: readonly string[] | undefined;
}

/**
 * Orders operations. Each keeps its place but for those that refer to what is created further on: they wait until it is
 * there, and nothing else moves. When only circles are left, the earliest operation of one is carried out without the
 * references that close it, and completed as soon as they can be set. A bulkId that nothing creates is not waited for.
 */
export function orderOperations(operations: readonly OperationNeeds[]): readonly BulkStep[] {
  const creators = creatorsIn(operations);
  const steps: BulkStep[] = [];
  const settled = new Set<string>();
  const waitingFor = new Map<string, Waiting[]>();
  const waiting = new Map<number, Waiting>();

  /** Carries out one operation, and then whatever has waited for it alone. */
  const perform = (first: number, without: readonly string[]): void => {
    const due = [first];
    for (const index of due) {
      steps.push({ kind: "perform", index, without: index === first ? without : [] });
      const bulkId = operations[index]?.creates;
      if (bulkId !== undefined && creators.get(bulkId) === index) {
        settled.add(bulkId);
        due.push(...(waitingFor.get(bulkId) ?? []).flatMap((one) => release(one, bulkId)));
      }
    }
  };
  const release = (one: Waiting, bulkId: string): readonly number[] => {
    one.awaited.delete(bulkId);
    if (one.awaited.size > 0) {
      return [];
    }
    if (one.without !== undefined) {
      steps.push({ kind: "complete", index: one.index, references: one.without });
      return [];
    }
    waiting.delete(one.index);
    return [one.index];
  };

  for (const [index, { needs }] of operations.entries()) {
    const awaited = new Set(needs.filter((id) => creators.has(id) && !settled.has(id)));
    if (awaited.size === 0) {
      perform(index, []);
      continue;
    }
    const one: Waiting = { index, awaited, without: undefined };
    waiting.set(index, one);
    for (const bulkId of awaited) {
      const others = waitingFor.get(bulkId) ?? [];
      others.push(one);
      waitingFor.set(bulkId, others);
    }
  }
  for (;;) {
    const first = firstOfCircle(waiting, creators);
    if (first === undefined) {
      return steps;
    }
    waiting.delete(first.index);
    first.without = [...first.awaited];
    perform(first.index, first.without);
  }
}

/** Which operation creates what; of two with one bulkId the first. */
function creatorsIn(operations: readonly OperationNeeds[]): ReadonlyMap<string, number> {
  const creators = new Map<string, number>();
  for (const [index, { creates }] of operations.entries()) {
    if (creates !== undefined && !creators.has(creates)) {
      creators.set(creates, index);
    }
  }
  return creators;
}

/**
 * The earliest operation of some circle. Whoever waits, waits for somebody who waits: following that leads into a
 * circle, and once around it.
 */
function firstOfCircle(
  waiting: ReadonlyMap<number, Waiting>,
  creators: ReadonlyMap<string, number>,
): Waiting | undefined {
  const nextOf = ({ awaited }: Waiting): Waiting | undefined => {
    const [bulkId] = awaited;
    return bulkId === undefined ? undefined : waiting.get(creators.get(bulkId) ?? -1);
  };
  let [current] = waiting.values();
  const passed = new Set<Waiting>();
  while (current !== undefined && !passed.has(current)) {
    passed.add(current);
    current = nextOf(current);
  }
  let earliest = current;
  for (
    let one = current && nextOf(current);
    one !== undefined && one !== current;
    one = nextOf(one)
  ) {
    earliest = earliest === undefined || one.index < earliest.index ? one : earliest;
  }
  return earliest;
}
