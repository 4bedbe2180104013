/**
 * A chart of the router as elements of this page.
 *
 * It has to stand in the page itself: in an `<img>` neither the theme's colours nor the page's font would reach it. So
 * the text is read as XML, which runs nothing, and built anew from the few elements and attributes that a chart has,
 * each with the few values that it can have. Whatever else may ever be in it (a script, a style, a link, a handler)
 * does not come across, even if the router's own escaping should fail.
 */
const SVG = 'http://www.w3.org/2000/svg';

const NUMBERS = /^[-\d.,\sML]*$/;
const PAINT = /^(?:none|#[0-9A-F]{6})$/;
const WORDS = /^[\w. -]*$/;

/** What each attribute may say. */
const ATTRIBUTES: Record<string, RegExp> = {
  viewBox: NUMBERS, points: NUMBERS, d: NUMBERS, x: NUMBERS, y: NUMBERS, x1: NUMBERS, x2: NUMBERS, y1: NUMBERS, y2: NUMBERS, cx: NUMBERS,
  cy: NUMBERS, r: NUMBERS, width: NUMBERS, height: NUMBERS, opacity: NUMBERS, dy: /^-?[\d.]+e[mx]$/, fill: PAINT, stroke: PAINT,
  'stroke-width': NUMBERS, 'stroke-opacity': NUMBERS, 'stroke-dasharray': NUMBERS, 'stroke-linejoin': WORDS, 'stroke-linecap': WORDS,
  transform: /^scale\(\.1\)$/, class: WORDS, role: /^img$/, 'text-anchor': WORDS, 'font-family': /^inherit$/, 'font-size': NUMBERS,
  'font-weight': WORDS, id: /^chart-[a-z0-9-]+$/, 'aria-labelledby': /^[a-z0-9 -]+$/,
};

const ELEMENTS = new Set(['svg', 'title', 'desc', 'g', 'line', 'polyline', 'polygon', 'rect', 'circle', 'path', 'text']);

/** The drawing, to be put into the page; `null` if this is none. */
export function drawing(text: string): SVGElement | null {
  const root = new DOMParser().parseFromString(text, 'image/svg+xml').documentElement;
  if (root.namespaceURI !== SVG || root.localName !== 'svg' || root.querySelector('parsererror')) return null;
  return built(root);
}

function built(from: Element): SVGElement {
  const element = document.createElementNS(SVG, from.localName) as SVGElement;
  for (const { name, value } of from.attributes) {
    if (ATTRIBUTES[name]?.test(value)) element.setAttribute(name, value);
  }
  for (const child of from.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) element.append(child.nodeValue ?? '');
    else if (child instanceof Element && child.namespaceURI === SVG && ELEMENTS.has(child.localName)) element.append(built(child));
  }
  return element;
}

/** Puts a drawing where the element is, and a newer one in its place. */
export function draws(place: HTMLElement, text: string) {
  return put(place, text, drawing);
}

/** The same for one that only repeats what stands beside it: without its own name, which would be a second one. */
export function decorates(place: HTMLElement, text: string) {
  return put(place, text, (svg) => {
    const drawn = drawing(svg);
    drawn?.removeAttribute('role');
    drawn?.removeAttribute('aria-labelledby');
    drawn?.querySelectorAll('title, desc').forEach((word) => word.remove());
    return drawn;
  });
}

function put(place: HTMLElement, text: string, made: (text: string) => SVGElement | null) {
  const update = (svg: string) => place.replaceChildren(...[made(svg)].filter((drawn) => drawn !== null));
  update(text);
  return { update };
}
