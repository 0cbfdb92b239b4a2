/** The parts of a pipeline request that the policy changes. */
interface EmulatorRequest {
  url: string;
  allowInsecureConnection?: boolean;
}

/**
 * The shape of a client whose pipeline takes policies: ServiceBusAdministrationClient, without a
 * dependency on its package.
 */
export interface AdministrationPipelineOwner {
  readonly pipeline: {
    addPolicy(policy: {
      name: string;
      sendRequest<Request extends EmulatorRequest, Response>(
        request: Request,
        next: (request: Request) => Promise<Response>,
      ): Promise<Response>;
    }): void;
  };
}

/**
 * Lets a ServiceBusAdministrationClient talk to a broker without TLS: 7.9.5 always says https, also
 * for a connection string with `UseDevelopmentEmulator=true`. Returns the same client.
 *
 * @example
 * const admin = allowEmulator(new ServiceBusAdministrationClient(broker.connectionString));
 */
export function allowEmulator<Client extends AdministrationPipelineOwner>(client: Client): Client {
  client.pipeline.addPolicy({
    name: "servicebus-emulator-plain-http",
    sendRequest: async (request, next) => {
      request.url = request.url.replace(/^https:/u, "http:");
      request.allowInsecureConnection = true;
      return await next(request);
    },
  });
  return client;
}
