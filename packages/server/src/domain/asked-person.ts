/** Whom a question is about: an account by its id, by the application's own id or by its e-mail address. Pure. */

/** The most accounts that are asked about at once. */
export const askedPersonsMax: number = 1000;

/** One of the ways to say who is meant. */
export type AskedPerson =
  | { readonly accountId: string }
  | { readonly ref: string }
  | { readonly email: string };

/** Reads how paths and lists name an account: `ref:…`, `email:…`, else an id. */
export function parseAskedPerson(text: string): AskedPerson {
  if (text.startsWith("ref:")) {
    return { ref: text.slice("ref:".length) };
  }
  return text.startsWith("email:") ? { email: text.slice("email:".length) } : { accountId: text };
}
