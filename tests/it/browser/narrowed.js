// A token that may do less than it was made for says so, since when and why; and so it is explained, then and now.
const assert = require('node:assert');
const { owner, scenario, signIn } = require('./support');
const { invite, position, replace, session } = require('./callers');
const { HOME, cell, row } = require('./steps');

const EVERYTHING = [{ effect: 'allow', resources: ['*'], actions: ['*'] }];
const today = () => new Date().toISOString().slice(0, 10);
/** Two events within a millisecond would be at one time. */
const MOMENT_MS = 50;
const moment = () => new Promise((done) => { setTimeout(done, MOMENT_MS); });

/** A member of a role with one token; gives both. */
async function make(email, role, form) {
  const member = await invite(email, role);
  return { member: member._id, token: (await (await session(email))('POST', '/api/v2/tokens', form))._id };
}

/** What the table says that a token may do now, and why. */
async function now(page, name) {
  const [may, why] = (await cell(row(page, name), 'May do now').innerText()).split('\n');
  return { may, why };
}

/** Asks the tester; gives its answer, line by line. */
async function explain(page, action, resource, asOf = '') {
  await page.getByLabel('Action', { exact: true }).fill(action);
  await page.getByLabel('Resource', { exact: true }).fill(resource);
  await page.getByLabel('As of').fill(asOf);
  const answers = page.waitForResponse((response) => response.url().includes('asOf='));
  await page.getByRole('button', { name: 'Explain' }).click();
  await answers;
  const answer = page.locator('#answer p').first();
  await answer.waitFor();
  // Settled: what is there is the answer that has just come.
  await page.locator('#answer:not(.htmx-swapping, .htmx-added)').waitFor();
  return (await page.locator('#answer').innerText()).split('\n').map((line) => line.trim()).filter(Boolean);
}

scenario(async ({ open }) => {
  const lowered = await make('wen@example.com', 'writer', { name: 'Laptop', role: 'writer' });
  const gone = await make('gil@example.com', 'writer', { name: 'Left behind', role: 'writer' });
  await make('ren@example.com', 'reader', { name: 'Too wide', inlineRole: EVERYTHING });
  await moment();
  const [before, at] = [await position(), new Date().toISOString()];
  await moment();
  const day = today();
  await owner('PATCH', `/api/v2/members/${lowered.member}`, replace('/role', 'reader'));
  await owner('DELETE', `/api/v2/members/${gone.member}`);

  const page = await open();
  await signIn(page);
  const lines = {};
  for (const name of ['Laptop', 'Left behind', 'Too wide']) lines[name] = await now(page, name);
  // A day that ended meanwhile is no fault.
  const said = JSON.parse(JSON.stringify(lines).replaceAll(day, 'today').replaceAll(today(), 'today'));
  await row(page, 'Laptop').getByText('writer', { exact: true }).waitFor();

  // The page of each says the same.
  for (const [name, { may, why }] of Object.entries(lines)) {
    await page.goto(HOME);
    await row(page, name).getByRole('link', { name, exact: true }).click();
    await page.getByRole('heading', { name, level: 1 }).waitFor();
    const fact = page.getByRole('definition').filter({ hasText: why });
    assert.deepStrictEqual((await fact.innerText()).split('\n'), [may, why], name);
  }

  await page.goto(`${HOME}/tokens/${lowered.token}`);
  await page.evaluate(() => { window.stays = true; });
  const write = ['updateOn', 'proj/web:env/production:flag/dark-mode'];
  const answers = {
    read: await explain(page, 'viewProject', 'proj/web'),
    write: await explain(page, ...write),
    position: await explain(page, ...write, String(before)),
    time: await explain(page, ...write, at),
    malformed: await explain(page, 'viewProject', 'proj/we b:::'),
    pattern: await explain(page, 'viewProject', 'proj/*'),
    when: await explain(page, 'viewProject', 'proj/web', 'the day before'),
    early: await explain(page, 'viewProject', 'proj/web', '2001-01-01T00:00:00Z'),
  };
  assert.ok(await page.evaluate(() => window.stays), 'without loading a page');
  return { said, answers };
});
