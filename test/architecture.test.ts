/** Which folder may import which: runs the rules of .dependency-cruiser.cjs. */
import { createRequire } from "node:module";
import { cruise } from "dependency-cruiser";
import { expect, test } from "vitest";
import { readSourceFiles } from "./source-files.ts";

const { options, ...ruleSet } = createRequire(import.meta.url)("../.dependency-cruiser.cjs");

test("imports keep to the layers", async () => {
  const { output } = await cruise(["packages"], { ...options, ruleSet, validate: true });
  if (typeof output === "string") {
    throw new Error("dependency-cruiser answered with text");
  }
  const { totalCruised, violations } = output.summary;
  // With a compiler it cannot load, dependency-cruiser sees no module and finds no fault.
  expect(totalCruised).toBeGreaterThanOrEqual(
    readSourceFiles("packages/scim/src", "packages/server/src").length,
  );
  expect(
    violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`),
    "move the code to the layer that may know both, see ARCHITECTURE.md",
  ).toEqual([]);
}, 120_000);
