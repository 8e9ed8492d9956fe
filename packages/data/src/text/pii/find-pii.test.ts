import { timeGrowth } from '@cogumi/pure/testing';
import { describe, expect, it } from 'vitest';
import { findPii } from './find-pii.ts';

// Keys are put together here, so that no scanner takes this file for a contamination.
const join = (...parts: string[]) => parts.join('');
const LETTERS = 'aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6';
const LINE = `${LETTERS}aB3d+6gH9jK2mN5pQ8sT/vW4yZ7b`;
const HEAD = join('-----BEGIN RSA PRIV', 'ATE KEY-----');
const END = join('-----END RSA PRIV', 'ATE KEY-----');
const BLOCK = `${HEAD}\n${LINE}\n${LINE}\nq8Zx\n${END}`;
const ENCRYPTED = BLOCK.replace('\n', '\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0F3A\n\n');

/** One of each kind: a text, and what of it has to be found. */
const POSITIVES: readonly [kind: string, text: string, found: string][] = [
  ['email', 'Write to jane.doe+news@mail.firm.co.uk.', 'jane.doe+news@mail.firm.co.uk'],
  ['email', '<a href="mailto:info@museum-berlin.de">', 'info@museum-berlin.de'],
  ['email', 'Ask jane@firm.de...and wait', 'jane@firm.de'],
  ['email', 'Ask...jane@firm.de..', 'jane@firm.de'],
  ['email', 'josé.muñoz@firma.es', 'josé.muñoz@firma.es'],
  ['email', 'an <jörg@müller.de>', 'jörg@müller.de'],
  ['card', '1,4539148803436467,2', '4539148803436467'],
  ['card', 'name,4539 1488 0343 6467,12/27', '4539 1488 0343 6467'],
  ['ip', 'http://84.200.69.80/a', '84.200.69.80'],
  ['ip', 'ip=84.200.69.80', '84.200.69.80'],
  ['phone', 'Call (212) 684-4700 today', '(212) 684-4700'],
  ['phone', 'Call me at 604-457-4895.', '604-457-4895'],
  ['phone', 'tel: +1 917-444-6321', '+1 917-444-6321'],
  ['phone', 'in London: +44 20 7946 1234', '+44 20 7946 1234'],
  ['phone', 'in Berlin +493022732152.', '+493022732152'],
  ['phone', 'Call +44 20 7946 1234 2024-05-01', '+44 20 7946 1234'],
  ['phone', '(+49 30 2273 2152)', '+49 30 2273 2152'],
  ['phone', '(+49 (30) 22732152)', '+49 (30) 22732152'],
  // Valid check digits, computed by a separate script; as far as known, nobody has these numbers.
  ['card', 'Pay with 4539 1488 0343 6467, please', '4539 1488 0343 6467'],
  ['card', 'card=5425233430109903', '5425233430109903'],
  ['card', 'Amex 3712 345678 90120', '3712 345678 90120'],
  // With the code behind it there are as many digits as a long card has.
  ['card', '4539 1488 0343 6467 124', '4539 1488 0343 6467'],
  ['card', '4539-1488-0343-6467-124', '4539-1488-0343-6467'],
  ['card', 'Order 2024 4539 1488 0343 6467', '4539 1488 0343 6467'],
  ['card', '4111 1111 1111 1111 4539 1488 0343 6467', '4539 1488 0343 6467'],
  ['iban', 'to NL91 ABNA 0417 1643 00 by Friday', 'NL91 ABNA 0417 1643 00'],
  ['iban', 'to ES9121000418450200051332', 'ES9121000418450200051332'],
  ['iban', 'BE68 5390 0754 7034 BIC KREDBEBB', 'BE68 5390 0754 7034'],
  ['iban', 'BE68 5390 0754 7034 KREDBEBB', 'BE68 5390 0754 7034'],
  ['iban', 'AB12 CDEF BE68 5390 0754 7034', 'BE68 5390 0754 7034'],
  ['ssn', 'SSN: 536-22-8726', '536-22-8726'],
  ['ip', 'from 84.200.69.80 at night', '84.200.69.80'],
  ['ip', 'host 2a02:8109:9a80:44::1f3c answers', '2a02:8109:9a80:44::1f3c'],
  ['ip', 'of 2a02:8109:9a80:44::1f3c: nothing', '2a02:8109:9a80:44::1f3c'],
  ['secret', join('key sk', '-proj-', LETTERS), join('sk', '-proj-', LETTERS)],
  ['secret', join('gh', 'p_', LETTERS), join('gh', 'p_', LETTERS)],
  ['secret', join('AK', 'IA', 'QX7RT2PLM9ZK4WVB'), join('AK', 'IA', 'QX7RT2PLM9ZK4WVB')],
  ['secret', join('hf', '_', LETTERS), join('hf', '_', LETTERS)],
  ['secret', join('xo', 'xb-', '2847561-', LETTERS), join('xo', 'xb-', '2847561-', LETTERS)],
  ['secret', join('AI', 'za', LETTERS.slice(0, 35)), join('AI', 'za', LETTERS.slice(0, 35))],
  [
    'secret',
    join('ey', 'J', LETTERS, '.ey', 'J', LETTERS, '.', LETTERS),
    join('ey', 'J', LETTERS, '.ey', 'J', LETTERS, '.', LETTERS),
  ],
  ['secret', `API_KEY = "${LETTERS}"`, LETTERS],
  ['secret', 'password: Ab1+Cd2/Ef3+Gh4/Ij5+Kl6', 'Ab1+Cd2/Ef3+Gh4/Ij5+Kl6'],
  ['secret', `token=${LETTERS.repeat(9)}`, LETTERS.repeat(9)],
  ['secret', `token=your_token.token: ${LETTERS}`, LETTERS],
  ['secret', `Key:\n${BLOCK}\nKeep it.`, BLOCK],
  ['secret', `"key": "${BLOCK.replaceAll('\n', '\\n')}\\n"`, BLOCK.replaceAll('\n', '\\n')],
  ['secret', `Key:\n${ENCRYPTED}\nKeep it.`, ENCRYPTED],
  // Without a footer: the single line after the others is the end of the key.
  ['secret', `Key:\n${HEAD}\n${LINE}\n${LINE}\nq8Zx=\n\nKeep it.`, `${HEAD}\n${LINE}\n${LINE}\nq8Zx=`],
  ['secret', `Key:\n${HEAD}\n${LINE}\n${LINE}\nKeep it safe.`, `${HEAD}\n${LINE}\n${LINE}`],
  ['secret', `A file begins with ${HEAD}; this is one:\n${BLOCK}`, BLOCK],
];

/** What looks like it and is none. */
const NEAR_MISSES: readonly [kind: string, text: string][] = [
  ['email', 'user@example.com, a@b.example, me@test.invalid, your.name@domain.com'],
  ['email', 'git@github.com:owner/name.git, left-pad@1.3.0, icon@2x.png, user@localhost, @app.route("/")'],
  ['phone', '555-123-4567, (415) 555-1234, +1 212-555-0199'],
  ['phone', 'call the free line 1-800-273-8255'],
  ['phone', '123-456-7890, 987-654-3210, +1234567890'],
  ['phone', '1939-1945, 2021-03-04, 10-20-3000, 978-3-16-148410-0, pages 234-345-4567-8'],
  ['phone', '3 +12345678 = 12345681, x = (4) +87654321, 234 - 567 - 8901, 612.345.6789.12'],
  ['card', 'order 4539148803436468 (wrong digit), 4111 1111 1111 1111, 4242424242424242'],
  ['card', '1234567890123456, 0.4539148803436467, 45391488034364671234567, 9780306406157'],
  ['iban', 'GB82 WEST 1234 5698 7654 32, NL91 ABNA 0417 1643 01, AB12 CDEF 3456'],
  ['ssn', '000-12-3456, 666-12-3456, 912-34-5678, 536-00-8726, 123-45-6789, 1-536-22-8726'],
  ['ip', '127.0.0.1, 0.0.0.0, 10.1.2.3, 192.168.0.1, 172.20.1.1, 192.0.2.7, 203.0.113.9, 255.255.255.0, 8.8.8.8'],
  ['card', '0,4539148803436467 and EAN 4006381333931, id 4539148803436467001'],
  ['ip', 'pip install x==1.26.40.1, Firefox/84.200.69.80, ^84.20.1.2, upgrade to 84.20.1.2, Chrome 84.20.1.2'],
  ['ip', 'version 84.200.69.80, v84.200.69.80, §15.12.2.7, 1.2.3.4, 256.1.1.1, 84.200.69.80.1'],
  ['ip', 'at 12:34:56, std::vector, 2001:db8::1, fe80::1, ::1, a::b'],
  ['secret', join('sk', '-xxxxxxxxxxxxxxxxxxxxxxxxxxxx, sk', '-your-api-key-goes-here-please')],
  ['secret', join('AK', 'IAIOSFODNN7EXAMPLE')],
  ['secret', 'token = "get_token_from_environment_variable_2"'],
  ['secret', 'password: correct-horse-battery-staple, risk-assessment-methodology-for-beginners'],
  ['secret', '-----BEGIN CERTIFICATE----- MIIE 2024 -----END CERTIFICATE-----'],
  ['secret', `A private key begins with \`${HEAD}\`, in a line of its own.\nThen come 64 characters a line.`],
  ['secret', `It begins with ${HEAD}\nand\nends with\n${END}\nand is yours alone.`],
  ['secret', `${HEAD}\n...\n${END}`],
];

describe('findPii', () => {
  it.each(POSITIVES)('finds %s in %j', (kind, text, wanted) => {
    expect(findPii(text).map(({ kind: own, from, to }) => [own, text.slice(from, to)])).toEqual([[kind, wanted]]);
  });

  it.each(NEAR_MISSES)('does not report as %s: %j', (_kind, text) => {
    expect(findPii(text).map(({ kind, from, to }) => [kind, text.slice(from, to)])).toEqual([]);
  });

  it('finds each place once, in order', () => {
    const text = 'a.b@firm.de, 604-457-4895, 84.200.69.80, c@firm.de';
    expect(findPii(text).map(({ kind }) => kind)).toEqual(['email', 'phone', 'ip', 'email']);
  });

  it('merges overlapping finds', () => {
    const text = 'token: aB3dE6gH9jK2mN5pQ8sTx1@firm.de';
    expect(findPii(text)).toEqual([{ kind: 'email', from: 7, to: text.length }]);
    expect(findPii('Call +1 917-444-6321 4539 1488 0343 6467').map(({ kind }) => kind)).toEqual(['phone', 'card']);
  });

  it('finds every number of a list', () => {
    const numbers = Array.from({ length: 9 }, (_, at) => `+44 20 7946 123${at}`);
    for (const between of ['', ' ', '\n', ', ']) expect(findPii(numbers.join(between))).toHaveLength(9);
    expect(findPii(`604-457-4895 ${numbers.join(' ')}`)).toHaveLength(10);
  });

  it('finds thousands of places, and a key of any length', () => {
    expect(findPii('jane@firm.de, 536-22-8726, '.repeat(150_000))).toHaveLength(300_000);
    const key = `${HEAD}${`\n${LINE}`.repeat(150_000)}`;
    expect(findPii(`${key}\nIt is long.`)).toEqual([{ kind: 'secret', from: 0, to: key.length }]);
  });

  it('takes as long for a long number as for a short one', () => {
    const find = (digits: number) => findPii(`+${'27'.repeat(digits / 2)} `.repeat(100_000 / (digits + 2)));
    expect(timeGrowth(find, 10, 60)).toBeLessThan(4);
  });

  it('takes linear time for any text', () => {
    const pieces = [
      '@',
      'a@',
      'a.',
      '1',
      '1-',
      '1 ',
      '212-',
      '+1 ',
      '(212) ',
      '1.',
      '1.1.',
      ':',
      '2001:',
      '::',
      'a',
      'A1',
      'AB12 ',
      'AB12',
    ];
    pieces.push('eyJ', 'eyJaaaaaaaa.', 'sk-', 'sk-a1', 'token=', 'token = a1', '4', '4539 ', '-', '_', '-----BEGIN ');
    pieces.push(HEAD, `${HEAD}\n`, `${HEAD}\n${LINE}\n`, `${HEAD}\na: a`, END, '-----END ', 'SG.a1', 'a@a', 'key: ');
    pieces.push('call 12 ', '0171 ', '00 44 ', '+49 30 ', '01 42 ', '(030) ', '.. ');
    pieces.push('+12 345678 12345678 ', '4539 1488 ', 'DE12 ', 'token=a1 ', 'token+', '\ud800');
    for (const piece of pieces) {
      const find = (length: number) => findPii(`1234567890 ${piece.repeat(Math.ceil(length / piece.length))}`);
      expect([piece, timeGrowth(find, 100_000, 800_000) < 8 * 4]).toEqual([piece, true]);
    }
  });
});
