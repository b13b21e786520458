/** Another version of Node to run the tests on; the installed packages serve both. */
import { existsSync, mkdirSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

/** The version that the tests run on besides the one they were started with. */
export const secondMajor = 24;

/** Fetches Node; answers with how to run it, or says what fails and answers with nothing. */
export async function prepareSecondNode({ root, run }) {
  const cache = join(root, `node_modules/.cache/node-${secondMajor}`);
  const name = `node-${process.platform}-${process.arch}`;
  const node = join(cache, "node_modules", name, "bin/node");
  mkdirSync(cache, { recursive: true });
  const options = ["--prefix", cache, "--no-save", "--no-package-lock", "--ignore-scripts"];
  const fetching = ["install", ...options, "--no-audit", "--no-fund", `${name}@${secondMajor}`];
  if (!(await run("npm", fetching)) || !existsSync(node)) {
    const reason = `there is no package ${name}, or npm does not reach it`;
    process.stdout.write(
      `Node ${secondMajor} cannot be had: ${reason}; npm test -- --one-node does without.\n`,
    );
    return undefined;
  }
  return { node, env: { PATH: `${dirname(node)}${delimiter}${process.env.PATH}` } };
}
