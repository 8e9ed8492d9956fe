import type { Pii } from './pii.ts';

const OCTET = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
/** Behind `==`, `~=`, `>=`, `<=`, `^` and `Name/` there is a release. */
const V4 = new RegExp(`(?<![\\w.§^-]|[=~<>]=|\\w/)${OCTET}(?:\\.${OCTET}){3}(?![\\w-]|\\.\\d)`, 'g');
/** Eight groups, or fewer with `::`; only global addresses (2000::/3, RFC 4291). */
const V6 = /(?<![\w:.])[23][0-9a-f]{3}:[0-9a-f:]{2,34}(?![\w:])/gi;
/** After these words four parts are a release, a section or an object identifier. */
const RELEASE =
  /(?:\bv|versions?|ver\.?|releases?|build|rev(?:ision)?|firmware|driver|kernel|patch|update|upgrade|chrome|firefox|opera|edge|safari|chromium|python|java|node|sdk|api|oid|section|chapter|clause|figure|table|step|item|article|paragraph)[\s:]{0,2}(?:to |number |is |no\.? ?)?$/i;
/** Well-known public DNS resolvers. */
const RESOLVERS = new Set(['8.8.8.8', '8.8.4.4', '1.1.1.1', '1.0.0.1', '9.9.9.9', '208.67.222.222', '208.67.220.220']);

/**
 * Finds public IP addresses. Private, loopback and documentation addresses (RFC 1918, 5737, 6890, 3849) identify nobody and are
 * ignored. Four one-digit parts count as a release or a section.
 */
export function findAddresses(text: string): Pii[] {
  const found: Pii[] = [];
  for (const match of text.matchAll(V4)) {
    const octets = match[0].split('.').map(Number);
    if (!isPublic(octets) || octets.every((octet) => octet < 10) || RESOLVERS.has(match[0])) continue;
    if (RELEASE.test(text.slice(Math.max(0, match.index - 24), match.index))) continue;
    found.push({ kind: 'ip', from: match.index, to: match.index + match[0].length });
  }
  for (const match of text.matchAll(V6)) {
    // A colon after it belongs to the sentence.
    const address = match[0].toLowerCase().replace(/(?<!:):$/, '');
    if (isV6(address) && !/^2001:0?db8:/.test(address)) {
      found.push({ kind: 'ip', from: match.index, to: match.index + address.length });
    }
  }
  return found;
}

function isPublic([first = 0, second = 0, third = 0]: readonly number[]): boolean {
  if (first === 0 || first === 10 || first === 127 || first >= 224) return false;
  if (first === 100 && second >= 64 && second < 128) return false;
  if (first === 169 && second === 254) return false;
  if (first === 172 && second >= 16 && second < 32) return false;
  if (first === 192 && (second === 168 || (second === 0 && third <= 2))) return false;
  if (first === 198 && (second === 18 || second === 19 || (second === 51 && third === 100))) return false;
  return !(first === 203 && second === 0 && third === 113);
}

function isV6(address: string): boolean {
  const halves = address.split('::');
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  if (halves.length > 2 || groups.some((group) => !/^[0-9a-f]{1,4}$/.test(group))) return false;
  return halves.length === 2 ? groups.length <= 7 : groups.length === 8;
}
