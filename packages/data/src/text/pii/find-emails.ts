import type { Pii } from './pii.ts';

/** Longest local part and domain (RFC 5321, section 4.5.3.1). */
const LONGEST_LOCAL = 64;
const LONGEST_DOMAIN = 255;

/** Letters of any script (RFC 6531). */
const LOCAL = /[\p{L}\p{M}\p{N}._%+-]/u;
const DOMAIN = /[\p{L}\p{M}\p{N}.-]/u;
/** Domains reserved for examples (RFC 2606), and common placeholders. Domains of one letter are not sold. */
const EXAMPLE_DOMAIN =
  /(?:^|\.)(?:example(?:\.[a-z]+){0,2}|[a-z]+\.(?:test|invalid|localhost|local|xx)|(?:your|my)?-?(?:domain|company|email|website|mail|server)\.(?:com|org|net))$|^[a-z]\.[a-z]+$/i;
/** Local parts that identify nobody: logins of git servers and placeholders. */
const PLACEHOLDER =
  /^(?:git|hg|svn|(?:my|your|user|some)?[._-]?(?:name|example|e?mail|address|username|user|someone)\d{0,4}|([xyz])\1+)$/i;
/** `icon@2x.png` is a file name, `left-pad@1.3.0` a package version. */
const NO_TOP_LEVEL = /^(?:png|jpe?g|gif|svg|webp|js|ts|css|html?|py|txt|json|md|pdf|zip|\d.*)$/i;

/** Finds e-mail addresses, except those of example domains. Linear: each `@` reads at most the length of an address. */
export function findEmails(text: string): Pii[] {
  const found: Pii[] = [];
  for (let at = text.indexOf('@'); at !== -1; at = text.indexOf('@', at + 1)) {
    let from = at;
    while (from > 0 && at - from < LONGEST_LOCAL && LOCAL.test(text[from - 1] as string)) from--;
    // Two dots are an ellipsis, of the text before or behind.
    from += text.slice(from, at).lastIndexOf('..') + 1;
    while (from < at && text[from] === '.') from++;
    let to = at + 1;
    while (to < text.length && to - at <= LONGEST_DOMAIN && DOMAIN.test(text[to] as string)) {
      if (text[to] === '.' && text[to + 1] === '.') break;
      to++;
    }
    while (to > at + 1 && /[.-]/.test(text[to - 1] as string)) to--;
    if (isAddress(text.slice(from, at), text.slice(at + 1, to))) found.push({ kind: 'email', from, to });
  }
  return found;
}

function isAddress(local: string, domain: string): boolean {
  const labels = domain.split('.');
  const top = labels.at(-1) as string;
  if (local === '' || labels.length < 2 || labels.includes('')) return false;
  if (!/^[\p{L}\p{M}]{2,24}$/u.test(top) || NO_TOP_LEVEL.test(top)) return false;
  return !EXAMPLE_DOMAIN.test(domain) && !PLACEHOLDER.test(local);
}
