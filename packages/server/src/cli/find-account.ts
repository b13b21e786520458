/** Finds the account that an operator names: by its e-mail address, its id or the application's own id. */
import type { Instance } from "../compose.ts";
import type { Account } from "../domain/account.ts";
import { refusal } from "../domain/refusal.ts";

/** Finds an account, or says how to look for it. */
export async function findAccount(
  { people }: Pick<Instance, "people">,
  text: string,
): Promise<Account> {
  const account = await people.findAccount(text);
  if (account === undefined) {
    throw refusal(
      `there is no account ${text}: expected the e-mail address, the id or the ref of one, see rollcall account list`,
    );
  }
  return account;
}
