/** Where clients reach the server; it comes from the configuration and never from a request (RFC 7644 §1.3). */

/** The public URL, taken apart once and not with every request. */
export interface Site {
  /** Absolute, without trailing slash. */
  readonly url: string;
  /** The path of the URL, empty or with a leading and without a trailing slash. */
  readonly path: string;
}

/** Takes a public URL apart. */
export function siteOf(url: string): Site {
  return { url, path: new URL(url).pathname.replace(/\/$/, "") };
}
