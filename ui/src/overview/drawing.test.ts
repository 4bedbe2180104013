import { describe, expect, it } from 'vitest';
import { decorates, drawing, draws } from './drawing.ts';

const inside = (markup: string, root = '') => drawing(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"${root}>${markup}</svg>`);

describe('a chart of the router', () => {
  it('comes across with its shapes, colours and words', () => {
    const markup = '<title id="chart-p95-title">p95 &lt;b&gt;</title><g class="measured" transform="scale(.1)"><polyline fill="none" stroke="#3555D8" stroke-width="20" points="1,2 3,4"/></g><text x="1" dy="0.5ex">6 Nov</text>';
    const svg = inside(markup)!;
    expect(svg.querySelector('title')!.textContent).toBe('p95 <b>');
    expect(svg.querySelector('polyline')!.getAttribute('stroke')).toBe('#3555D8');
    expect(svg.querySelector('g')!.getAttribute('transform')).toBe('scale(.1)');
    const text = svg.querySelector('text')!;
    expect([text.textContent, text.getAttribute('x'), text.getAttribute('dy')]).toEqual(['6 Nov', '1', '0.5ex']);
  });

  it.each([
    ['a script', '<script>alert(1)</script>'],
    ['markup of a page', '<foreignObject><body xmlns="http://www.w3.org/1999/xhtml"><img src="x"/></body></foreignObject>'],
    ['a style', '<style>* { fill: red }</style>'],
    ['a link', '<a href="javascript:alert(1)"><text>here</text></a>'],
    ['something from elsewhere', '<use href="http://example.com/#a"/><image href="http://example.com/a.png"/>'],
    ['an animation', '<animate attributeName="href" values="javascript:alert(1)"/><set attributeName="onclick"/>'],
  ])('leaves %s behind', (_, markup) => {
    expect(inside(markup)!.childElementCount).toBe(0);
  });

  it.each([
    ['a handler', '<rect onclick="alert(1)" onload="alert(1)"/>'],
    ['a style attribute', '<rect style="fill: url(http://example.com)"/>'],
    ['a paint from elsewhere', '<rect fill="url(http://example.com/#a)" stroke="url(#a)"/>'],
    ['an id of the page', '<rect id="main" class="a&quot;b"/>'],
  ])('comes without %s', (_, markup) => {
    expect(inside(markup)!.firstElementChild!.attributes).toHaveLength(0);
  });

  it('is nothing where the text is no drawing', () => {
    expect(drawing('{"code":"unauthorized"}')).toBeNull();
    expect(drawing('<svg xmlns="http://www.w3.org/2000/svg"><g></svg>')).toBeNull();
    expect(drawing('<html><script>1</script></html>')).toBeNull();
    expect(inside('', ' onload="alert(1)"')!.hasAttribute('onload')).toBe(false);
  });

  it('takes the place of the one before, and beside its own words has no name', () => {
    const place = document.createElement('div');
    const text = '<svg xmlns="http://www.w3.org/2000/svg" role="img"><title>A</title><g class="measured"/></svg>';
    const drawn = draws(place, text);
    drawn.update(text.replace('>A<', '>B<'));
    expect([place.childElementCount, place.textContent]).toEqual([1, 'B']);
    drawn.update('no drawing');
    expect(place.childElementCount).toBe(0);
    decorates(place, text);
    expect(place.querySelector('title, [role]')).toBeNull();
    expect(place.querySelector('.measured')).not.toBeNull();
  });
});
