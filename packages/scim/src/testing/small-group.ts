/** The people most promises about relations are tried on. */
import type { StoredResource } from "../resource/resource.ts";
import type { ContractPopulation } from "./contract-population.ts";

/** Three users and a group of the first two. */
export async function smallGroup(population: ContractPopulation): Promise<{
  readonly ann: StoredResource;
  readonly bea: StoredResource;
  readonly cleo: StoredResource;
  readonly group: StoredResource;
}> {
  const ann = await population.createUser("ann", { displayName: "Ann A" });
  const bea = await population.createUser("bea");
  const cleo = await population.createUser("cleo");
  const group = await population.createGroup("crew", [ann.id, bea.id]);
  return { ann, bea, cleo, group };
}
