import { describe, expect, it } from 'vitest';
import { isLoopback, judgeLoopbackAccess } from './loopback-access.ts';

describe('judgeLoopbackAccess', () => {
  it.each(['localhost', 'LocalHost:1', '127.0.0.1', '127.3.2.1:8420', '[::1]:8420', '[::1]'])(
    'allows the Host %s, which always means this machine',
    (host) => expect(judgeLoopbackAccess({ host })).toBe('allowed'),
  );

  it.each([
    undefined,
    '',
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.nip.io',
    '192.168.0.7',
    'localhost:80:80',
  ])('refuses the Host %s, which DNS may point anywhere', (host) =>
    expect(judgeLoopbackAccess({ host })).toBe('foreign-host'),
  );

  it('refuses a Host with another port, or none, where the port is fixed', () => {
    expect(judgeLoopbackAccess({ host: '127.0.0.1:8420' }, 8420)).toBe('allowed');
    expect(judgeLoopbackAccess({ host: '127.0.0.1:1' }, 8420)).toBe('foreign-host');
    expect(judgeLoopbackAccess({ host: '127.0.0.1' }, 8420)).toBe('foreign-host');
  });

  it('allows only the origin that the Host names, with or without TLS in front', () => {
    const host = 'localhost:8420';
    for (const origin of ['http://localhost:8420', 'HTTPS://LOCALHOST:8420']) {
      expect(judgeLoopbackAccess({ host, origin })).toBe('allowed');
    }
    for (const origin of [
      'null',
      'http://localhost:1',
      'http://127.0.0.1:8420',
      'http://localhost:8420.evil.example',
    ]) {
      expect(judgeLoopbackAccess({ host, origin }), origin).toBe('foreign-page');
    }
  });

  it('refuses images, frames and links of another site where Sec-Fetch-Site is given', () => {
    const host = 'localhost:8420';
    for (const site of ['none', 'same-origin']) expect(judgeLoopbackAccess({ host, site })).toBe('allowed');
    for (const site of ['cross-site', 'same-site']) expect(judgeLoopbackAccess({ host, site })).toBe('foreign-page');
  });
});

describe('isLoopback', () => {
  it('knows the addresses that only this machine can reach', () => {
    expect(['127.0.0.1', '127.3.2.1', 'localhost', '::1'].every(isLoopback)).toBe(true);
    expect(['0.0.0.0', '::', '::2', '10.0.0.1', 'localhost.lan', '127.lan'].some(isLoopback)).toBe(false);
  });
});
