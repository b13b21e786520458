/** Which tests there are: units and shape without a server around them, conformance against a running one per database. */
import { availableParallelism } from "node:os";
import { configDefaults, defineConfig } from "vitest/config";
import { readSourceFiles } from "./test/source-files.ts";

const shared = {
  resolve: { conditions: ["source"] },
  ssr: { resolve: { conditions: ["source"] } },
};
const patience = { testTimeout: 60_000, hookTimeout: 60_000 };

/** The conformance tests as a project of this name; `conformance/global-setup.ts` reads the database in it. */
const conformance = (name: string) => ({
  ...shared,
  test: {
    ...patience,
    name,
    include: ["conformance/**/*.test.ts"],
    isolate: false,
    globalSetup: ["test/global-setup.ts", "conformance/global-setup.ts"],
  },
});

/** The tests that put servers together, or take the database of the project, and do not mind which it is. */
const composing = readSourceFiles("packages/server/src")
  .filter(
    ({ path, text }) =>
      path.endsWith(".test.ts") && /composeForTests\(|inject\("database"\)/.test(text),
  )
  .map(({ path }) => path);

/**
 * On the second Node only what depends on its version: the library, the server, its SQLite driver and the protocol over
 * HTTP. Not what kills processes and databases, what PostgreSQL answers, what is read from files, nor repeated chance.
 */
const onceIsEnough =
  process.env["ROLLCALL_TEST_NODE"] === "second"
    ? [
        "test/**",
        "**/postgres/**",
        "**/*postgres*",
        "**/compose-restore*",
        "**/filter-to-sql*",
        "**/*-statements*",
        "**/large-population*",
        "**/access-model*",
        "**/mapping-statements*",
        "**/crash.test.ts",
        "packages/server/src/compose*",
        "packages/server/src/cli/**",
        "packages/server/src/provisioning/**",
        "packages/server/src/http/app.test.ts",
      ]
    : [];

/** The tests of what has no state, no clock and no I/O. */
const pure = ["packages/scim/src/**/*.test.ts", "packages/server/src/domain/**/*.test.ts"];

export default defineConfig({
  test: {
    reporters: ["default", "./test/closing-line.ts"],
    // Vitest leaves a core to itself, which on two cores would be half of the machine.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      {
        ...shared,
        test: {
          ...patience,
          name: "units",
          include: ["packages/*/src/**/*.test.ts", "test/**/*.test.ts"],
          exclude: [...configDefaults.exclude, ...pure, ...onceIsEnough],
          globalSetup: "test/global-setup.ts",
        },
      },
      {
        ...shared,
        test: {
          ...patience,
          name: "pure",
          include: pure,
          // Nothing in them is changed by a test: loading it all anew for each file would be most of the work.
          isolate: false,
          globalSetup: "test/global-setup.ts",
        },
      },
      {
        ...shared,
        test: {
          ...patience,
          name: "server postgres",
          include: composing,
          globalSetup: "test/global-setup.ts",
          provide: { database: "icu" },
        },
      },
      ...(process.env["SCIM_URL"] === undefined
        ? [conformance("conformance sqlite"), conformance("conformance postgres")]
        : [conformance("conformance elsewhere")]),
    ],
  },
});
