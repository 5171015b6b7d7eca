// The browser of these tests: how it starts, how somebody signs in, and what every page of a scenario is held to.
const assert = require('node:assert');
const { chromium } = require('playwright-core');
const checker = require('axe-core');

const { BASE, TOKEN, EMAIL, PASSWORD } = process.env;

// A machine that is busy with other tests is slow, and no scenario is about how slow.
const WAIT_MS = 60_000;
const SIZES = {
  wide: { width: 1280, height: 900 }, middle: { width: 800, height: 900 }, narrow: { width: 360, height: 740 },
};
const ARGUMENTS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage',
];

const launch = (options = {}) => chromium.launch({
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: ARGUMENTS, timeout: WAIT_MS, ...options,
});

/** Calls the API from here, not from the browser; gives the status and the JSON. */
async function api(token, method, path, body) {
  const headers = { Authorization: token, 'Content-Type': 'application/json' };
  const answer = await fetch(BASE + path, { method, headers, body: body && JSON.stringify(body) });
  const text = await answer.text();
  return { status: answer.status, json: text ? JSON.parse(text) : null };
}

/** The same as the owner, for what a scenario needs to be there. */
async function owner(method, path, body) {
  const { status, json } = await api(TOKEN, method, path, body);
  assert.ok(status < 300, `${method} ${path}: ${status} ${JSON.stringify(json)}`);
  return json;
}

/** How the API answers a secret. */
const works = async (secret) => (await api(secret, 'GET', '/api/v2/caller-identity')).status;

/** Notes what no page may do: say an error, throw, break its policy of content, fail, or open a dialog. */
function watch(page, faults, dialogs) {
  // A browser counts the page of a refusal as an error of loading. That is known by the status, and no fault.
  const refused = new Set();
  page.on('response', (response) => {
    const [status, url] = [response.status(), response.url()];
    if (status >= 400 && status < 500 && response.request().isNavigationRequest()) refused.add(url);
    else if (status >= 400) faults.push(() => `${url} answered ${status}`);
  });
  page.on('console', (message) => {
    const [text, { url }] = [message.text(), message.location()];
    if (message.type() !== 'error') return;
    faults.push(() => (text.startsWith('Failed to load resource') && refused.has(url) ? null : `${url}: ${text}`));
  });
  page.on('pageerror', (error) => faults.push(() => `thrown: ${error.stack}`));
  page.on('requestfailed', (request) => {
    const why = request.failure()?.errorText;
    // Whoever goes elsewhere before a page has come ends its loading; a form is not sent again without asking.
    if (!['net::ERR_ABORTED', 'net::ERR_CACHE_MISS'].includes(why)) faults.push(() => `${request.url()}: ${why}`);
  });
  page.on('dialog', async (dialog) => {
    dialogs.push(dialog.type());
    await dialog.dismiss();
  });
}

/** Signs in by the form, as whoever the page is of, and requires to land where the console begins. */
async function signIn(page, email = EMAIL, password = PASSWORD) {
  await page.goto('/sign-in');
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL('**/settings/authorization');
}

/**
 * Runs a scenario and prints its result as JSON. The scenario gets `open`, which opens a browser of its own with
 * nobody signed in, and `dialogs`, from which it takes the dialogs that it meant to see.
 */
async function scenario(run) {
  const [faults, dialogs, pages] = [[], [], []];
  const browser = await launch();
  const open = async (options = {}) => {
    const context = await browser.newContext({ baseURL: BASE, viewport: SIZES.wide, ...options });
    context.setDefaultTimeout(WAIT_MS);
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    const page = await context.newPage();
    watch(page, faults, dialogs);
    pages.push(page);
    return page;
  };
  try {
    const result = await run({ open, dialogs });
    assert.deepStrictEqual(faults.map((fault) => fault()).filter(Boolean), [], 'no page has a fault');
    assert.deepStrictEqual(dialogs, [], 'no dialog but those that were expected');
    console.log(JSON.stringify(result));
  } catch (error) {
    process.exitCode = 1;
    console.error(error);
    console.error('faults:', faults.map((fault) => fault()).filter(Boolean), 'dialogs:', dialogs);
    for (const page of pages) {
      const shown = await page.locator('body').ariaSnapshot({ timeout: 5_000 }).catch(String);
      console.error(`at the end, ${page.url()} shows:\n${shown}`);
    }
  } finally {
    await browser.close();
  }
}

/** Requires a page without a finding of axe that keeps people from using it. */
async function axe(page, where = page.url()) {
  // What the driver evaluates is not under the policy of the page, so that the policy stays as it is.
  if (!await page.evaluate(() => 'axe' in window)) await page.evaluate(checker.source);
  const { violations } = await page.evaluate(() => window.axe.run(document, {
    resultTypes: ['violations'],
    rules: { 'target-size': { enabled: true } },
  }));
  const findings = violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id} at ${node.target.join(' ')}: ${node.failureSummary}`));
  assert.deepStrictEqual(findings, [], `${where} is accessible`);
}

/** Requires that a page needs no scrolling sideways; names what sticks out where it does. */
async function fits(page, where = page.url()) {
  const { over, out } = await page.evaluate(() => {
    const root = document.documentElement;
    const sticks = (element) => element.getBoundingClientRect().right > root.clientWidth + 0.5;
    // What is in something that sticks out would be no news.
    const outermost = [...document.querySelectorAll('body *')]
      .filter((element) => sticks(element) && !sticks(element.parentElement))
      .map((element) => `${element.localName}.${element.className}`);
    return { over: root.scrollWidth - root.clientWidth, out: outermost };
  });
  assert.strictEqual(over, 0, `${where} scrolls sideways by ${over} px: ${out.join(', ')}`);
}

module.exports = {
  BASE, EMAIL, PASSWORD, SIZES, TOKEN, WAIT_MS, api, axe, fits, launch, owner, scenario, signIn, works,
};
