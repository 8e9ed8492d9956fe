/** What handlers find in a request's context. `outgoing`: the response of Node's server, if the app runs on one. */
export type Env = { Variables: { requestId: string }; Bindings: { outgoing?: { destroy(): void } } };
