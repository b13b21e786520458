#!/usr/bin/env node
/** The installed command. It is no compiled file, so that a checkout has it before anything is compiled. */
import { existsSync } from "node:fs";

const compiled = new URL("../dist/cli/main.js", import.meta.url);
if (existsSync(compiled)) {
  const { main } = await import(compiled.href);
  process.exitCode = await main(process.argv.slice(2));
} else {
  process.stderr.write("rollcall: not compiled yet: npm start, or npm run build\n");
  process.exitCode = 1;
}
