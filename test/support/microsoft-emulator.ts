import { randomBytes } from "node:crypto";
import type { ConformanceBroker } from "@fleetquake/bus/conformance";
import { GenericContainer, Network, Wait, type StartedNetwork } from "testcontainers";
import { parse } from "yaml";
import { openRunningDocker } from "./open-docker.ts";
import { repositoryFile, repositoryPath } from "./repository.ts";

const FOLDER = "infra/compose";
const CONFIG_IN_IMAGE = "/ServiceBus_Emulator/ConfigFiles/Config.json";
/** The emulator's only key is this text, the same for everybody. */
const KEY = "SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey=SAS_KEY_VALUE";
/** Of all four kinds of characters, as the SQL Server wants it. */
const PASSWORD = `Aa1!${randomBytes(12).toString("hex")}`;
/** Its name on the network; an alias of testcontainers outlives its container in engines of version 20. */
const SQL_SERVER = `fleetquake-test-sqlserver-${process.pid}`;
const AMQP_PORT = 5_672;
const ADMINISTRATION_PORT = 5_300;
const STARTED_WITHIN_IN_MS = 180_000;
const STOPPED_WITHIN_IN_MS = 1_000;

/** The services of the compose file that are Microsoft's; the emulator finds the other by its name. */
type MicrosoftService = "servicebus" | "sqlserver";

interface ComposeFile {
  readonly services: Readonly<Record<MicrosoftService, { readonly image: string }>>;
}

/**
 * Why Microsoft's emulator cannot run here; null where it can: an engine runs on this machine, both images are there, and
 * `ACCEPT_EULA` is `Y`, by which its user accepts their terms. Nothing is pulled.
 */
export async function whyNoMicrosoftEmulator(): Promise<string | null> {
  if (process.env["ACCEPT_EULA"] !== "Y") {
    return "ACCEPT_EULA is not Y, by which you accept Microsoft's terms of both images";
  }
  const opened = await openRunningDocker();
  if (opened.kind === "none") {
    return opened.reason;
  }
  for (const image of [imageOf("sqlserver"), imageOf("servicebus")]) {
    const found = await opened.docker.docker("images", "--quiet", image);
    if (found === "") {
      return `the image ${image} is not there: docker pull ${image}`;
    }
  }
  return null;
}

/** Starts Microsoft's emulator and its SQL Server as the compose file has them, on ports of this machine. */
export async function startMicrosoftEmulator(): Promise<ConformanceBroker> {
  const network = await new Network().start();
  const ends: (() => Promise<unknown>)[] = [() => network.stop()];
  const end = async (): Promise<void> => {
    for (const endOne of ends.toReversed()) {
      await endOne();
    }
  };
  try {
    const sqlServer = await container("sqlserver", network)
      .withName(SQL_SERVER)
      .withWaitStrategy(Wait.forLogMessage("Recovery is complete"))
      .start();
    ends.push(() => sqlServer.stop({ timeout: STOPPED_WITHIN_IN_MS }));
    const emulator = await container("servicebus", network)
      .withCopyFilesToContainer([
        { source: repositoryPath(`${FOLDER}/microsoft-emulator.json`), target: CONFIG_IN_IMAGE },
      ])
      .withExposedPorts(AMQP_PORT, ADMINISTRATION_PORT)
      .withWaitStrategy(Wait.forLogMessage("Emulator Service is Successfully Up!"))
      .start();
    ends.push(() => emulator.stop({ timeout: STOPPED_WITHIN_IN_MS }));
    const at = (port: number): string =>
      `Endpoint=sb://${emulator.getHost()}:${emulator.getMappedPort(port)};${KEY};UseDevelopmentEmulator=true`;
    return {
      connection: {
        connectionString: at(AMQP_PORT),
        administrationConnectionString: at(ADMINISTRATION_PORT),
      },
      [Symbol.asyncDispose]: end,
    };
  } catch (error) {
    await end();
    throw error;
  }
}

/** One of the two, on the network of both. Each takes what it knows of the environment. */
function container(service: MicrosoftService, network: StartedNetwork): GenericContainer {
  return new GenericContainer(imageOf(service))
    .withEnvironment({ ACCEPT_EULA: "Y", MSSQL_SA_PASSWORD: PASSWORD, SQL_SERVER })
    .withNetwork(network)
    .withStartupTimeout(STARTED_WITHIN_IN_MS);
}

/** As the compose file says, `${VARIABLE:-image}`. */
function imageOf(service: MicrosoftService): string {
  const { services }: ComposeFile = parse(repositoryFile(`${FOLDER}/microsoft-emulator.yml`), {
    merge: true,
  });
  const { variable = "", image = "" } =
    /^\$\{(?<variable>\w+):-(?<image>.+)\}$/u.exec(services[service].image)?.groups ?? {};
  return process.env[variable] ?? image;
}
