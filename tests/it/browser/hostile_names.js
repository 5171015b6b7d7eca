// Names that would be HTML, scripts, links or templates, and the check that a page only shows them.
const assert = require('node:assert');

const RUNS = 'window.__pwned = true';

const IMAGE = `"><img src=x onerror="${RUNS}">`;

const NAMES = [
  `<script>${RUNS}</script>`,
  IMAGE,
  `'><svg onload='${RUNS}'>`,
  `</textarea></title></option></select><script>${RUNS}</script>`,
  `javascript:${RUNS}`,
  '{{7777*7777}} ${7777*7777} <%= 7777*7777 %>',
  '&lt;b&gt; &amp;#60;script&amp;#62;',
  'right \u202eto left\u202c',
];

/** Requires that nothing in a page came from a name: no script ran, there is no element of one, nothing was computed. */
async function obeysNothing(page, where) {
  const found = await page.evaluate(() => ({
    ran: window.__pwned,
    elements: [...document.querySelectorAll('*')].flatMap((element) => [
      ...(element.localName === 'script' && !element.src ? ['a script'] : []),
      ...(element.localName === 'img' && element.getAttribute('src') === 'x' ? ['an image'] : []),
      ...[...element.attributes].filter(({ name, value }) => name.startsWith('on')
        || (['href', 'src', 'action', 'formaction'].includes(name) && /^\s*javascript:/i.test(value)))
        .map(({ name, value }) => `${name}=${value}`),
    ]),
    shown: document.body.innerText,
  }));
  assert.strictEqual(found.ran, undefined, `${where}: a script ran`);
  assert.deepStrictEqual(found.elements, [], `${where} has elements of a name`);
  assert.ok(!found.shown.includes(String(7777 * 7777)), `${where} computes`);
}

module.exports = { IMAGE, NAMES, obeysNothing };
