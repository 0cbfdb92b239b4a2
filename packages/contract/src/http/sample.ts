/** `GET /`: what the sample application reads from Redis. */
export interface SampleAnswer {
  readonly message: string;
  /** The sample's value, or `Redis unavailable` when Redis is disabled. */
  readonly redis_data: string;
  readonly timestamp: string;
}
