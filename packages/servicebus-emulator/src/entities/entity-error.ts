/** The HTTP status with which Service Bus answers a request about entities that it refuses. */
export type EntityErrorStatus = 400 | 404 | 409 | 412;

/** What else is known of a refusal. */
export interface EntityErrorDetails extends ErrorOptions {
  readonly subCode?: number;
  readonly isUnsupported?: boolean;
}

/**
 * Thrown when an entity cannot be created, read, changed or deleted; the admin REST answers with
 * its status, and a broker whose configuration causes it does not start.
 */
export class EntityError extends Error {
  override readonly name = "EntityError";
  readonly status: EntityErrorStatus;
  /** Service Bus's sub code, which its text carries, too; 0 when it has none. */
  readonly subCode: number;
  /** True when Service Bus could do it and only this broker cannot. */
  readonly isUnsupported: boolean;

  constructor(status: EntityErrorStatus, message: string, details: EntityErrorDetails = {}) {
    super(message, details);
    this.status = status;
    this.subCode = details.subCode ?? 0;
    this.isUnsupported = details.isUnsupported ?? false;
  }
}

/** Refuses a value or a combination of settings. */
export function invalidEntity(message: string): EntityError {
  return new EntityError(400, message, { subCode: 40_000 });
}

/** Refuses a feature that Service Bus has and this broker has not. */
export function unsupportedEntity(feature: string): EntityError {
  return new EntityError(400, `${feature} is not supported by this broker.`, {
    subCode: 40_000,
    isUnsupported: true,
  });
}

/** Says that an entity exists already. */
export function entityExists(path: string): EntityError {
  return new EntityError(409, `The messaging entity '${path}' already exists.`);
}

/** Says that there is no such entity, in the words that clients look for. */
export function entityNotFound(path: string): EntityError {
  return new EntityError(404, `The messaging entity '${path}' could not be found.`);
}
