// The audit log finds what happened by words, resources and days, and shows it whole; sessions are seen and ended.
const assert = require('node:assert');
const { EMAIL, owner, scenario, signIn } = require('./support');
const { replace } = require('./callers');
const { HOME, cell, refused } = require('./steps');

/** More than two pages of the log have. */
const TOKENS = 45;
/** How long a page stays as it was, before this is a finding. */
const SOON_MS = 5_000;
const DAY_MS = 86_400_000;
const day = (ms) => new Date(ms).toISOString().slice(0, 10);
const NONE = 'There are no entries here that you may see.';

/** Asks the log and gives what is in it. */
async function ask(page, fields) {
  await page.goto('/settings/audit');
  for (const [label, value] of Object.entries(fields)) await page.getByLabel(label, { exact: true }).fill(value);
  await page.getByRole('button', { name: 'Show' }).click();
  await page.waitForURL(/\/settings\/audit\?/);
  for (const [label, value] of Object.entries(fields)) {
    assert.strictEqual(await page.getByLabel(label, { exact: true }).inputValue(), value, 'what was asked stays');
  }
  return page.getByRole('rowheader').allInnerTexts();
}

async function log(page) {
  const role = { key: 'ops', name: 'Operations', policy: [{ effect: 'allow', resources: ['proj/*'], actions: ['viewProject'] }] };
  await owner('POST', '/api/v2/roles', role);
  await owner('PATCH', '/api/v2/roles/ops', { comment: 'Renamed with the team', patch: replace('/name', 'Platform') });
  for (let one = 0; one < TOKENS; one += 1) {
    await owner('POST', '/api/v2/tokens', { name: `Robot ${one}`, role: 'reader', serviceToken: true });
  }
  await page.getByRole('link', { name: 'Audit log' }).click();
  const found = {
    words: await ask(page, { Search: 'Robot 17' }),
    resources: await ask(page, { Resources: 'role/ops' }),
    nothing: (await ask(page, { Search: 'of nobody' })).length,
  };
  await page.getByText(NONE).waitFor();
  await page.getByLabel('Resources').fill('service-token/:::');
  await page.getByRole('button', { name: 'Show' }).click();
  found.malformed = await refused(page, /./);

  // Both days belong to what is asked for. A test that runs over midnight asks for both.
  const [yesterday, today, tomorrow] = [day(Date.now() - DAY_MS), day(Date.now()), day(Date.now() + DAY_MS)];
  found.days = [];
  const later = day(Date.now() + 2 * DAY_MS);
  const asked = [
    [today, tomorrow], [yesterday, tomorrow], ['', tomorrow], [yesterday, ''], ['2001-01-01', '2001-01-02'], [later, ''],
  ];
  for (const [From, Until] of asked) {
    found.days.push((await ask(page, { From, Until, Search: 'Robot 1' })).length > 0);
  }

  // Page by page, each entry once, to the first there is.
  await ask(page, { Search: 'Robot' });
  const positions = [];
  for (;;) {
    positions.push(...(await cell(page, 'Position').allInnerTexts()).map(Number));
    const older = page.getByRole('link', { name: 'Older entries' });
    if (!await older.count()) break;
    await older.click();
    await cell(page, 'Position').getByText(String(positions.at(-1)), { exact: true }).waitFor({ state: 'detached' });
    assert.strictEqual(await page.getByLabel('Search').inputValue(), 'Robot');
  }
  assert.deepStrictEqual(positions, [...new Set(positions)].sort((a, b) => b - a), 'from the newest on, each once');
  found.paged = positions.length;

  await ask(page, { Resources: 'role/ops' });
  await page.getByRole('link', { name: /renamed|updated|changed/i }).first().click();
  await page.getByRole('heading', { level: 1 }).waitFor();
  const part = (name) => page.locator(`h2:text-is("${name}") + pre`).innerText();
  found.entry = {
    why: await page.getByText('Renamed with the team', { exact: true }).count(),
    before: JSON.parse(await part('Before')).name,
    after: JSON.parse(await part('After')).name,
  };
  return found;
}

async function sessions(page, other) {
  await signIn(other);
  await page.getByRole('link', { name: 'Sessions' }).click();
  const lines = page.getByRole('row').filter({ has: page.getByRole('rowheader') });
  const listed = [await lines.count(), await lines.filter({ hasText: 'this one' }).count()];
  const ends = page.getByRole('button', { name: /^End/ });
  assert.strictEqual(await lines.filter({ hasText: 'this one' }).getByRole('button').count(), 0);
  assert.strictEqual(await ends.count(), 1);
  await ends.click();
  await page.waitForURL('**/settings/sessions');
  await ends.waitFor({ state: 'detached' });
  listed.push(await lines.count());
  await other.getByRole('link', { name: 'Create token' }).click();
  await other.waitForURL('**/sign-in?*');
  await page.reload();
  await page.getByText(EMAIL).first().waitFor();
  return listed;
}

/** Who is signed out meanwhile is asked to sign in, also by what asks the server without loading a page. */
async function meanwhile(page) {
  const findings = [];
  for (const [path, label, text] of [[HOME, 'Search', 'robot'], ['/settings/roles/new', 'Policy', '[]']]) {
    await signIn(page);
    await page.goto(path);
    await page.getByLabel(label, { exact: true }).waitFor();
    await page.context().clearCookies();
    await page.getByLabel(label, { exact: true }).fill(text);
    await page.waitForURL('**/sign-in?*', { timeout: SOON_MS })
      .then(() => page.getByRole('heading', { name: 'Sign in' }).waitFor({ timeout: SOON_MS }))
      .catch(async () => findings.push(`${path} shows ${await page.locator('body').innerText()}`));
    if (await page.getByLabel(label, { exact: true }).count()) findings.push(`${path} still has its form, at ${page.url()}`);
  }
  assert.deepStrictEqual(findings, []);
}

scenario(async ({ open }) => {
  const page = await open();
  await signIn(page);
  const found = await log(page);
  const listed = await sessions(page, await open());
  await meanwhile(page);
  return { found, sessions: listed };
});
