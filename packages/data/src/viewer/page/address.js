/** Every view has its own address after the `#`, so that the browser's back button works. */
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

/** Changes the address; an empty value removes its key. */
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

/** Resets the page of the list and closes the open row. */
export const FROM_START = { from: '', before: '', line: '', view: '' };

export const NO_FILTERS = Object.fromEntries(FILTERS.map((name) => [name, '']));

/** The part of an address that says which rows are listed. */
export function filtersOf(place) {
  return Object.fromEntries(FILTERS.filter((name) => place[name]).map((name) => [name, place[name]]));
}
