/** What keeps cursors from being read, forged or passed on (RFC 9865 §5.2). */

/** Makes cursors unreadable and unforgeable, for one caller alone. */
export interface CursorSeal {
  /**
   * Seals text for a place, in characters of the set A-Z a-z 0-9 - . _ ~ (RFC 3986 §2.3). It must not be possible to open
   * what was sealed for another place, for another caller, or for the same caller before its rights have changed.
   */
  seal(text: string, place: string): string | Promise<string>;
  /** Opens; undefined when it was not sealed for this place and this caller. */
  open(sealed: string, place: string): string | undefined | Promise<string | undefined>;
}
