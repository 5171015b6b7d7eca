// What is valid and yet not what a browser hands on unchanged: spaces in names, and addresses that are not ASCII.
const assert = require('node:assert');
const { owner, scenario, signIn } = require('./support');
const { HOME, deleted } = require('./steps');

const PASSWORD = 'the password of somebody';

/** How long a form that was refused stays, before this is a finding. */
const SOON_MS = 5_000;

/** A page shows a row of spaces as one, and a field of one line has no line breaks: what is read must confirm. */
const NAMES = ['two  spaces', 'a line\nand another', 'a tab\tinside', ' '];

const ADDRESSES = ['jürgen@example.com', 'ada@münchen.example', "o'neil+tokens@example.com"];

scenario(async ({ open }) => {
  const findings = [];
  const came = (page, what, where = `**${HOME}`) => page.waitForURL(where, { timeout: SOON_MS })
    .catch(() => findings.push(`${JSON.stringify(what)} stays at ${page.url()}`));

  const page = await open();
  await signIn(page);
  for (const name of NAMES) {
    const { _id } = await owner('POST', '/api/v2/tokens', { name, role: 'reader' });
    await page.goto(`${HOME}/tokens/${_id}/delete`);
    // As somebody types who reads it on the page.
    await page.getByLabel('to confirm').fill(await page.locator('label strong').innerText());
    await page.getByRole('button', { name: 'Delete token' }).click();
    await came(page, name, (url) => url.pathname === HOME && url.search === '?done=deleted');
    await deleted(page);
  }
  for (const email of ADDRESSES) {
    await owner('POST', '/api/v2/members', [{ email, role: 'reader', password: PASSWORD }]);
    const theirs = await open();
    await theirs.goto('/sign-in');
    await theirs.getByLabel('E-mail').fill(email);
    await theirs.getByLabel('Password').fill(PASSWORD);
    await theirs.getByRole('button', { name: 'Sign in' }).click();
    await came(theirs, email);
  }
  assert.deepStrictEqual(findings, []);
  return { names: NAMES.length, addresses: ADDRESSES.length };
});
