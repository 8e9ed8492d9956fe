export const DEFAULT_PORT = 8420;

/** How long answers may go on when a server is closed (chosen): service managers kill after 10 to 90 s. */
export const GRACE_MS = 10_000;
