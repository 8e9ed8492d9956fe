/** Everything that can be looked at has an address of its own: after the `#`, so that going back works. */
export const FILTERS = [
  'text',
  'source',
  'domain',
  'difficulty',
  'language',
  'reason',
  'benchmark',
  'leastScore',
  'mostScore',
  'canonical',
];

export function here() {
  return Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
}

/** Goes on from here; an empty value takes a key out. */
export function go(changes, { replace = false } = {}) {
  const query = new URLSearchParams(location.hash.slice(1));
  for (const [name, value] of Object.entries(changes)) {
    if (value === '' || value === null || value === undefined) query.delete(name);
    else query.set(name, String(value));
  }
  if (replace) {
    history.replaceState(null, '', `#${query}`);
    dispatchEvent(new HashChangeEvent('hashchange'));
  } else location.hash = query.toString();
}

/** What a change of the list takes back: its page, and the row that is open. */
export const FROM_START = { from: '', before: '', line: '', view: '' };

export const NO_FILTERS = Object.fromEntries(FILTERS.map((name) => [name, '']));

/** The part of an address that says which rows are listed. */
export function filtersOf(place) {
  return Object.fromEntries(FILTERS.filter((name) => place[name]).map((name) => [name, place[name]]));
}
