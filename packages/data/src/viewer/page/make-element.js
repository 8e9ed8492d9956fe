/**
 * Makes an element. Text always becomes a text node: nothing in the page parses markup.
 *
 * @param {string} tag
 * @param {Record<string, unknown>} properties - Attributes; functions become listeners; `null` and `false` are skipped.
 * @param {...unknown} children - Elements, texts and lists of them; `null` and `false` are skipped.
 */
export function make(tag, properties, ...children) {
  return dress(document.createElement(tag), properties, children);
}

/** As `make`, for SVG. */
export function draw(tag, properties, ...children) {
  return dress(document.createElementNS('http://www.w3.org/2000/svg', tag), properties, children);
}

function dress(element, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === 'function') element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, String(value));
  }
  element.append(...children.flat(Number.POSITIVE_INFINITY).filter((child) => child !== null && child !== false));
  return element;
}

/** Sets a CSS variable that the style sheet reads; the page's policy allows no style attribute. */
export function sized(element, name, value) {
  element.style.setProperty(name, String(value));
  return element;
}

/** @param {number} value - A whole one. */
export const count = (value) => value.toLocaleString('en-US');

/** @param {number} share - 0..1. */
export const percent = (share) => `${(100 * share).toFixed(1)}%`;
