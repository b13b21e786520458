/** The public names of the server, for embedders. */
export type { ComposeOptions, Instance, Rollcall } from "./compose.ts";
export { compose } from "./compose.ts";
export type { Config, ConfigReading, Setting } from "./config/config.ts";
export { readConfig, settings } from "./config/config.ts";
export { tokenPattern } from "./domain/credential.ts";
export type { Store } from "./store/store.ts";
