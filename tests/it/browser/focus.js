// The keyboard's focus: how a scenario moves it, and that it is always seen.
const assert = require('node:assert');

/** More than any page has to offer. */
const TABS_MAX = 80;

/** What can have the focus, in the order of the page. */
const CAN_HAVE_FOCUS = 'a[href], button, input:not([type="hidden"]), select, textarea, summary, [tabindex="0"]';

/** Requires that what has the focus is on the screen, with an outline that stands out from what is around it. */
async function shows(page) {
  const found = await page.evaluate(() => {
    const focused = document.activeElement;
    const [style, box] = [getComputedStyle(focused), focused.getBoundingClientRect()];
    const channels = (color) => color.match(/[\d.]+/g).map(Number);
    const light = (color) => {
      const linear = channels(color).slice(0, 3).map((one) => one / 255)
        .map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4));
      return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
    };
    let around = focused.parentElement;
    while (around.parentElement && (channels(getComputedStyle(around).backgroundColor)[3] ?? 1) === 0) {
      around = around.parentElement;
    }
    const [a, b] = [light(style.outlineColor), light(getComputedStyle(around).backgroundColor)];
    const onTop = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    return {
      what: focused.outerHTML.slice(0, 120),
      outlined: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
      contrast: (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05),
      there: box.width > 0 && box.height > 0 && focused.contains(onTop),
    };
  });
  assert.ok(found.outlined && found.contrast >= 3 && found.there, `the focus is seen: ${JSON.stringify(found)}`);
}

/** Tabs to an element, as often as that takes. */
async function tabTo(page, element) {
  await element.waitFor();
  for (let tab = 0; tab < TABS_MAX; tab += 1) {
    await page.keyboard.press('Tab');
    if (await element.evaluate((one) => one === document.activeElement)) return shows(page);
  }
  return assert.fail(`Tab does not reach ${element}`);
}

/** Tabs to an element and presses a key there. */
async function press(page, element, key = 'Enter') {
  await tabTo(page, element);
  await page.keyboard.press(key);
}

/** Tabs through the whole page: everything has its turn, in the order of the page, and shows it. */
async function tour(page) {
  const all = await page.evaluate((selector) => {
    window.all = [...document.querySelectorAll(selector)].filter((one) => one.checkVisibility() && !one.disabled);
    document.activeElement.blur();
    return window.all.map((one) => one.outerHTML.slice(0, 100));
  }, CAN_HAVE_FOCUS);
  const reached = [];
  for (let tab = 0; tab < all.length; tab += 1) {
    await page.keyboard.press('Tab');
    reached.push(all[await page.evaluate(() => window.all.indexOf(document.activeElement))]);
    await shows(page);
  }
  assert.deepStrictEqual(reached, all, 'Tab reaches everything in its order');
  return all.length;
}

/** The first stop is the link past the header, and it leads past it. */
async function skips(page) {
  await page.keyboard.press('Tab');
  const link = page.getByRole('link', { name: 'Skip to the content' });
  assert.ok(await link.evaluate((one) => one === document.activeElement), 'the skip link is first');
  await shows(page);
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  assert.ok(await page.evaluate(() => document.querySelector('main').contains(document.activeElement)));
  await shows(page);
}

module.exports = { press, shows, skips, tabTo, tour };
