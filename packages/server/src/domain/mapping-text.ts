/** A mapping in the words of whoever writes it down, before anything of it is looked up. Pure. */

/** A mapping as somebody writes it down. */
export interface MappingText {
  /** Which groups: by their name, by their id or the client's own, or by a pattern. */
  readonly groups: { readonly by: "group" | "groupId" | "pattern"; readonly text: string };
  /** A team by its id or name; undefined for the tenant itself. */
  readonly team: string | undefined;
  readonly role: string;
  /** The slug of the connection whose groups are meant; undefined for all of them, and for logins. */
  readonly connection: string | undefined;
}
