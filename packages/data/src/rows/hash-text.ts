/** FNV-1a over the UTF-16 units of a text: 32 bits, from 0. @see Fowler, Noll, Vo; RFC 9923. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
