import { expect, test } from "vitest";
import {
  changeTenantSettings,
  ownSettingsOf,
  shownSettingsOf,
  storedSettingsOf,
} from "./change-tenant-settings.ts";
import { defaultInstancePolicy } from "./tenant-settings.ts";

test("settings that need each other are changed together, in any order", () => {
  const own = changeTenantSettings({}, { defaultRole: "staff", roles: ["boss", "staff"] });
  expect(own).toEqual({ roles: ["boss", "staff"], defaultRole: "staff" });
  const other = changeTenantSettings(own, { defaultRole: "crew", roles: ["captain", "crew"] });
  expect(other).toEqual({ roles: ["captain", "crew"], defaultRole: "crew" });
  expect(changeTenantSettings(other, { roles: null, defaultRole: null })).toEqual({});
});

test("what does not fit together is refused, also when something goes back to its default", () => {
  const own = changeTenantSettings({}, { roles: ["boss", "staff"], defaultRole: "staff" });
  expect(() => changeTenantSettings(own, { roles: null })).toThrow("staff");
  expect(() => changeTenantSettings({}, { nope: 1 })).toThrow("nope");
  expect(() => changeTenantSettings({}, { constructor: 1 })).toThrow("constructor");
});

test("what is stored is read again, and what is shown has every setting", () => {
  const own = changeTenantSettings({}, { accounts: false, auditRetentionDays: 30 });
  const settings = storedSettingsOf(own);
  expect(settings).toEqual({ accounts: false, auditRetentionDays: 30 });
  expect(ownSettingsOf({ settings })).toEqual(own);
  expect(shownSettingsOf({}, defaultInstancePolicy)).toMatchObject({
    accounts: true,
    auditRetentionDays: null,
  });
});
