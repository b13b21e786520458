/** SCIMMY with its express routers over a Map, as its documentation shows the handlers; copied into the scratch folder. */
import { randomUUID } from "node:crypto";
import express from "express";
import SCIMMY from "scimmy";
import SCIMMYRouters from "scimmy-routers";

/** Declares a resource type over a Map of its own. */
function declare(Resource) {
  const resources = new Map();
  SCIMMY.Resources.declare(Resource, {
    ingress: (resource, data) => {
      const before = resources.get(resource.id);
      if (resource.id !== undefined && before === undefined) {
        throw new SCIMMY.Types.Error(404, null, "not found");
      }
      const id = resource.id ?? randomUUID();
      const now = new Date();
      const meta = { created: before?.meta.created ?? now, lastModified: now };
      const stored = { ...JSON.parse(JSON.stringify(data)), id, meta };
      resources.set(id, stored);
      return stored;
    },
    egress: (resource) => {
      if (resource.id !== undefined) {
        const found = resources.get(resource.id);
        if (found === undefined) {
          throw new SCIMMY.Types.Error(404, null, "not found");
        }
        return found;
      }
      const all = [...resources.values()];
      return resource.filter === undefined ? all : resource.filter.match(all);
    },
    degress: (resource) => {
      resources.delete(resource.id);
    },
  });
}

declare(SCIMMY.Resources.User.extend(SCIMMY.Schemas.EnterpriseUser, false));
declare(SCIMMY.Resources.Group);

const app = express();
app.use("/scim", new SCIMMYRouters({ type: "bearer", handler: () => "bench" }));
const server = app.listen(0, "127.0.0.1", () => {
  process.stdout.write(`listening on http://127.0.0.1:${server.address().port}\n`);
});
process.once("SIGTERM", () => process.exit(0));
