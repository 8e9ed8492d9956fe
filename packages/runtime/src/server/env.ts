import type { RequestScope } from './request-scope.ts';

/** What handlers find in a request's context. `outgoing`: the response of Node's server, if the app runs on one. */
export type Env = { Variables: { scope: RequestScope }; Bindings: { outgoing?: { destroy(): void } } };
