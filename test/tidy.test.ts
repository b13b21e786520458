/** Checks of the code's shape that no linter makes. Each message says what to do instead. */
import { readdirSync } from "node:fs";
import { basename } from "node:path";
import { expect, test } from "vitest";
import type { SourceFile } from "./source-files.ts";
import { codeOf, isTest, readSourceFiles } from "./source-files.ts";

const packages = readSourceFiles("packages/scim/src", "packages/server/src");
const files = packages.filter((file) => !isTest(file));
const everything = [...packages, ...readSourceFiles("test", "conformance")];
const scimCore = files.filter(({ path }) =>
  /^packages\/scim\/src\/(schema|attribute-path|filter|resource|patch|query|bulk|interop)\//.test(
    path,
  ),
);
const domain = files.filter(({ path }) => path.startsWith("packages/server/src/domain/"));
const core = [...scimCore, ...domain];
const exportPattern =
  /^export (?:declare )?(?:async )?(?:function\*?|const|class|interface|type) (\w+)/gm;

/** Lists `path: problem` for each file in which `problemOf` sees one. */
function problems(
  of: readonly SourceFile[],
  problemOf: (file: SourceFile) => string | undefined,
): readonly string[] {
  return of.flatMap((file) => {
    const problem = problemOf(file);
    return problem === undefined ? [] : [`${file.path}: ${problem}`];
  });
}

/** Lists the files whose code matches, with what to do instead. */
function forbid(of: readonly SourceFile[], pattern: RegExp, instead: string): readonly string[] {
  return problems(of, (file) => {
    const [found] = pattern.exec(codeOf(file)) ?? [];
    return found === undefined ? undefined : `"${found.trim()}": ${instead}`;
  });
}

test("there is code to look at", () => {
  expect(scimCore.length).toBeGreaterThan(40);
  expect(domain.length).toBeGreaterThan(5);
});

/** Files whose name is the RFC's word for what they do, or a convention. */
const namedByConvention = ["index", "errors", "json", "compose", "main", "enforce-mutability"];

test("a file is named after what it exports", () => {
  const found = problems(files, ({ path, text }) => {
    const name = basename(path, ".ts");
    const names = [...text.matchAll(exportPattern)].map((match) => match[1]?.toLowerCase() ?? "");
    const fits =
      namedByConvention.includes(name) ||
      /^\d/.test(name) ||
      name.split("-").some((word) => names.some((one) => one.includes(word.replace(/s$/, ""))));
    return fits
      ? undefined
      : `no export is called ${name}; name the file after one of ${names.join(", ")}`;
  });
  expect(found).toEqual([]);
});

test("no file has a name that says nothing", () => {
  const empty =
    /\b(helpers?|utils?|utilit(y|ies)|common|misc|managers?|services?|info|impl|base|dto|entity)\b/;
  expect(
    problems(everything, ({ path }) =>
      empty.test(path.replace("service-provider", "").replaceAll("/", " "))
        ? "name the file and its folder after what is in them"
        : undefined,
    ),
  ).toEqual([]);
});

test("folders have no index: each import names the file it means", () => {
  expect(
    problems(packages, ({ path }) =>
      /\/index\.ts$/.test(path) && !/src\/((testing|client)\/)?index\.ts$/.test(path)
        ? "import from the files themselves"
        : undefined,
    ),
  ).toEqual([]);
});

test("the client has types of the server in it and nothing of its code", () => {
  const client = files.filter(({ path }) => path.startsWith("packages/server/src/client/"));
  expect(client.length).toBeGreaterThan(4);
  const found = problems(client, ({ text }) => {
    const [loading] =
      /^(?:import|export) (?!type )[^;]*? from "(?!\.\/|standardwebhooks")[^"]*"/m.exec(text) ?? [];
    return loading === undefined ? undefined : `"${loading}": import types of the server only`;
  });
  expect(found).toEqual([]);
});

test("the first line of a file says what it is", () => {
  // A unit test stands beside the file it tests, which says it.
  const speaking = everything.filter((file) => !isTest(file) || !file.path.startsWith("packages"));
  expect(
    problems(speaking, ({ text }) =>
      /^(#!.*\n)?\/\*\*\s+(\*\s+)?[A-Z`]/.test(text)
        ? undefined
        : "begin with a sentence in /** … */, with the RFC section if there is one",
    ),
  ).toEqual([]);
});

test("RFC sections are written in one form", () => {
  expect(
    problems(everything, ({ text }) => {
      const [found] =
        /\bRFC ?\d{4},? (sections?|sec\.|chapter) ?[\d.]+/i.exec(text) ??
        /\bRFC\d{4}\b/.exec(text) ??
        [];
      return found === undefined ? undefined : `"${found}": write RFC 7644 §3.5.2`;
    }),
  ).toEqual([]);
});

test("every export says what it is", () => {
  const found = problems(files, ({ text }) => {
    const bare = [...text.matchAll(exportPattern)].filter(
      (match) => !/\*\/\s*$/.test(text.slice(0, match.index)),
    );
    return bare.length === 0 ? undefined : `document ${bare.map((match) => match[1]).join(", ")}`;
  });
  expect(found).toEqual([]);
});

test("the core is synchronous", () => {
  expect(
    forbid(
      core,
      /\basync\b|\bawait\b|\bPromise\b/,
      "move the waiting to provider/, store/ or delivery/",
    ),
  ).toEqual([]);
});

test("the core takes time, ids and chance as arguments", () => {
  expect(
    forbid(
      core,
      /\bMath\.random\b|\bglobalThis\b|\bperformance\b|\bcrypto\b|\bprocess\b|\bBuffer\b|\bnew Date\(\)|\bDate\.now\b|\bset(Timeout|Interval|Immediate)\b/,
      "take it as an argument",
    ),
  ).toEqual([]);
  expect(
    forbid(scimCore, /\bDate\b/, "the library reads dates itself, see schema/date-time.ts"),
  ).toEqual([]);
});

test("only schemas and client profiles know Users and Groups", () => {
  expect(
    problems(
      scimCore.filter(({ path }) => !/\/(schema|interop)\//.test(path)),
      ({ text }) => {
        const [word] = /\b(Users?|Groups?|userName|members)\b/.exec(text) ?? [];
        return word === undefined ? undefined : `"${word}": write it for any resource type`;
      },
    ),
  ).toEqual([]);
});

test("SQL text is in store/ only", () => {
  const sql =
    /\b(SELECT\s[\s\S]{1,200}?\sFROM|INSERT\s+(OR \w+ )?INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|CREATE\s+(TABLE|INDEX|UNIQUE)|PRAGMA\s+\w+)/;
  expect(
    problems(
      files.filter(({ path }) => !path.startsWith("packages/server/src/store/")),
      ({ text }) =>
        sql.test(text.replace(/\/\*[\s\S]*?\*\//g, ""))
          ? "put the statement behind a function of store/store.ts"
          : undefined,
    ),
  ).toEqual([]);
});

test("the environment is read in config/ only", () => {
  expect(
    forbid(
      files.filter(({ path }) => !path.startsWith("packages/server/src/config/")),
      /\bprocess\.env\b/,
      "add a row to config/config.ts",
    ),
  ).toEqual([]);
});

test("there is no class but ScimError", () => {
  expect(
    forbid(
      files.filter(({ path }) => path !== "packages/scim/src/errors.ts"),
      /^\s*(export )?(abstract )?class \w+/m,
      "keep state in the closure of a create… function",
    ),
  ).toEqual([]);
});

test("nothing is left to be built", () => {
  expect(
    problems(everything, ({ path, text }) =>
      path !== "test/tidy.test.ts" && /to be built|\bTODO\b|\bFIXME\b/.test(text)
        ? "finish it or file an issue"
        : undefined,
    ),
  ).toEqual([]);
});

test("every deviation for a client names a recorded flow that shows it", () => {
  const flows = readdirSync("conformance/clients/flows");
  const shows = (passage: string): boolean =>
    passage.includes("no recorded flow") || flows.some((file) => passage.includes(file));
  const passages = files.flatMap(({ path, text }) =>
    [...text.matchAll(/Interop:[^\n]*(?:\n\s*(?:\*|\/\/) [^\n]*)*/g)].map(([passage]) => ({
      path,
      passage,
    })),
  );
  expect(passages.length).toBeGreaterThan(10);
  expect(
    passages.filter(({ passage }) => !shows(passage)),
    "write: Interop: Entra sends … (entra-legacy.json, disable-user-string-false)",
  ).toEqual([]);
});
