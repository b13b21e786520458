import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import type { AccountId } from "../domain/account.ts";
import type { TenantId } from "../domain/tenant.ts";
import { createMailLinks } from "./mail-links.ts";

const keyedHash = (key: string) => (text: string) =>
  createHmac("sha256", key).update(text).digest("hex");
const publicUrl = () => "https://id.example.com/rollcall";
const links = createMailLinks(keyedHash("a key"), publicUrl);
const tenantId = "01890a5d-ac96-774b-bcce-b302099a8057" as TenantId;
const accountId = "01890a5d-ac96-774b-bcce-b302099a8058" as AccountId;
const invitationId = "01890a5d-ac96-774b-bcce-b302099a8059";

function tokenOf(link: string): string {
  return link.slice(link.lastIndexOf("/") + 1);
}

test("links lead to the pages below the public URL and are read back", () => {
  const leave = links.leaveLink({ tenantId, accountId });
  expect(leave).toMatch(/^https:\/\/id\.example\.com\/rollcall\/leave\/[\w-]+$/);
  expect(links.parseMailToken(tokenOf(leave))).toEqual({ kind: "leave", tenantId, accountId });
  const invitation = links.invitationLink({ tenantId, invitationId });
  expect(invitation).toMatch(/^https:\/\/id\.example\.com\/rollcall\/invitations\/[\w-]+$/);
  expect(tokenOf(invitation)).toBe(links.invitationToken({ tenantId, invitationId }));
  expect(links.parseMailToken(tokenOf(invitation))).toEqual({
    kind: "invitation",
    tenantId,
    invitationId,
  });
  // A line of a mail may have 998 characters, and people copy links.
  expect(leave.length).toBeLessThan(300);
});

test("a link is the same each time it is made", () => {
  const again = createMailLinks(keyedHash("a key"), publicUrl);
  expect(again.leaveLink({ tenantId, accountId })).toBe(links.leaveLink({ tenantId, accountId }));
});

test("no changed character, no cut, no addition and no other key is let through", () => {
  const token = tokenOf(links.leaveLink({ tenantId, accountId }));
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  for (const [index, character] of [...token].entries()) {
    for (const other of ["A", "z", "-", alphabet[(alphabet.indexOf(character) ^ 1) % 64]]) {
      const changed = `${token.slice(0, index)}${other}${token.slice(index + 1)}`;
      if (changed !== token) {
        expect(links.parseMailToken(changed), changed).toBeUndefined();
      }
    }
  }
  for (const wrong of ["", "A", token.slice(1), token.slice(0, -1), `${token}A`, `${token}=`]) {
    expect(links.parseMailToken(wrong), wrong).toBeUndefined();
  }
  expect(links.parseMailToken(token.repeat(100))).toBeUndefined();
  expect(createMailLinks(keyedHash("another"), publicUrl).parseMailToken(token)).toBeUndefined();
});

test("ids cannot be moved from one kind of link or from one part into another", () => {
  const leave = tokenOf(links.leaveLink({ tenantId, accountId: "x" as AccountId }));
  const invitation = links.invitationToken({ tenantId, invitationId: "x" });
  expect(links.parseMailToken(leave)?.kind).toBe("leave");
  expect(links.parseMailToken(invitation)?.kind).toBe("invitation");
  expect(leave.slice(0, 32)).not.toBe(invitation.slice(0, 32));
});

test("what is stored of a token does not let anybody make it", () => {
  const token = links.invitationToken({ tenantId, invitationId });
  expect(links.hashOfToken(token)).toMatch(/^[0-9a-f]{64}$/);
  expect(Buffer.from(token, "base64url").toString("hex")).not.toContain(
    links.hashOfToken(token).slice(0, 16),
  );
});
