import { portProblem } from "../network/port-problem.ts";
import { StartRefusedError } from "./start-refused-error.ts";

/**
 * Makes sure that the APIs will get their ports, before anything is started.
 * @throws StartRefusedError that names every port that is taken and what to do.
 */
export async function checkPorts(host: string, ports: readonly number[]): Promise<void> {
  const problems: string[] = [];
  for (const port of ports) {
    const problem = await portProblem(host, port);
    if (problem !== null) {
      problems.push(describeProblem(host, port, problem));
    }
  }
  if (problems.length > 0) {
    const advice = `Choose another with APP_PORT, for example: APP_PORT=${(ports[0] ?? 8_000) + 1_000} npm start`;
    throw new StartRefusedError(
      [
        ...problems,
        ...(ports.length > 1 ? ["The APIs' ports count up from APP_PORT."] : []),
        advice,
      ].join("\n  "),
    );
  }
}

function describeProblem(host: string, port: number, problem: string): string {
  switch (problem) {
    case "EADDRINUSE":
      return `port ${port} on ${host} is taken by another process (see: ss -ltnp 'sport = :${port}')`;
    case "EACCES":
      return `port ${port} on ${host} needs more rights than this user has`;
    default:
      return `port ${port} on ${host} cannot be used: ${problem}`;
  }
}
