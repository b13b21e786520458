/** The `traceparent` header: of which trace a request is a part (W3C Trace Context §3.2). */

/** A trace and the span in it that a request comes from. */
export interface TraceParent {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  /** Bit 0: whether the caller records the trace. */
  readonly flags: number;
}

/** Versions after the first may have more behind a further hyphen. */
const pattern = /^(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** Reads the header; undefined where there is none or none that makes sense, which is no reason to refuse a request. */
export function parseTraceparent(text: string | null): TraceParent | undefined {
  const [, version, traceId = "", spanId = "", flags = "", more] = pattern.exec(text ?? "") ?? [];
  const isWhole = version !== undefined && (version !== "00" || more === undefined);
  return isWhole && !/^0+$/.test(traceId) && !/^0+$/.test(spanId)
    ? { traceId, spanId, flags: Number.parseInt(flags, 16) }
    : undefined;
}
