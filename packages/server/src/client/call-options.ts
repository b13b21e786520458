/** What every operation of the client takes beside what the contract says. */
export interface CallOptions {
  readonly signal?: AbortSignal;
  /** For a POST: repeated with the same key it gets the first answer again and changes nothing. */
  readonly idempotencyKey?: string;
}
