import { createPublicKey } from "node:crypto";
import { readCommandPrivateKey, readCommandPublicKeys } from "@fleetquake/bus/command-key";
import { readVariable, type Environment, type Secret } from "@fleetquake/redis";
import { ACCESS_VARIABLES } from "./access-variables.ts";

/** By what this API's commands are known. */
export interface CommandKeys {
  /** null: commands are not signed. */
  readonly privateKey: Secret | null;
  /** What the agent in this process takes commands from; null: from whoever may send them. */
  readonly publicKey: string | null;
}

/** Reads the keys of commands; an API that its own agents would not obey is a mistake. */
export function readCommandKeys(environment: Environment, mistakes: string[]): CommandKeys {
  const privateKey = readVariable(environment, ACCESS_VARIABLES.commandPrivateKey, mistakes);
  const publicKey = readVariable(environment, ACCESS_VARIABLES.commandPublicKey, mistakes);
  if (privateKey === null) {
    const isMeant = (environment[ACCESS_VARIABLES.commandPrivateKey.name]?.trim() ?? "") !== "";
    if (publicKey !== null && !isMeant) {
      mistakes.push(
        "FLEETQUAKE_COMMAND_PUBLIC_KEY needs FLEETQUAKE_COMMAND_PRIVATE_KEY here: agents that have the one drop the commands of an API that lacks the other",
      );
    }
    return { privateKey, publicKey };
  }
  const own = createPublicKey(readCommandPrivateKey(privateKey.reveal()));
  if (publicKey !== null && !readCommandPublicKeys(publicKey).some((key) => key.equals(own))) {
    mistakes.push(
      "FLEETQUAKE_COMMAND_PUBLIC_KEY does not belong to FLEETQUAKE_COMMAND_PRIVATE_KEY: agents that have it would drop this API's commands",
    );
  }
  return {
    privateKey,
    publicKey: publicKey ?? String(own.export({ format: "pem", type: "spki" })),
  };
}
