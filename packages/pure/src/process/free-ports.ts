import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/**
 * Different ports of the loopback address that were free a moment ago, for programs that do not say which one they took. Another
 * program may take one before they do.
 */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}
