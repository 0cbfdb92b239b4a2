export {
  startSimulatedReplica,
  type SimulatedReplica,
  type SimulatedReplicaOptions,
} from "./start-simulated-replica.ts";
