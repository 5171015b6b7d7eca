// More tokens than a page has: what is typed finds them without another page, and the list is sorted and paged.
const assert = require('node:assert');
const { owner, scenario, signIn, works } = require('./support');
const { invite, session } = require('./callers');
const { HOME, cell, row } = require('./steps');

const BUILDS = 30;
const DEPLOYS = 28;
/** What is a pattern or a tag elsewhere is a text here. The second of each pair would match the first as a pattern. */
const LITERAL = [['50%_\\ off', '50 and x off'], ['<b>bold</b>', 'bold']];
/** How long the list stays as it was, before this is a finding. */
const SOON_MS = 5_000;
const BEA = 'bea@example.com';

/** Gives the secret of one of them, by which it is found. */
async function fill() {
  for (let one = 0; one < BUILDS; one += 1) {
    await owner('POST', '/api/v2/tokens', { name: `Build ${one}`, role: 'reader', serviceToken: one % 3 === 0 });
  }
  for (const name of LITERAL.flat()) await owner('POST', '/api/v2/tokens', { name, role: 'reader' });
  await invite(BEA, 'writer');
  const bea = await session(BEA);
  let last;
  for (let one = 0; one < DEPLOYS; one += 1) {
    last = await bea('POST', '/api/v2/tokens', { name: `Rollout ${one}`, role: 'reader' });
  }
  return last.token;
}

/** How many there are, as the list says. */
const counted = (page, words) => page.getByRole('navigation', { name: 'Pages' }).getByText(words, { exact: true }).waitFor();
const names = (page) => page.getByRole('rowheader').allInnerTexts();
const asked = (page, name) => new URL(page.url()).searchParams.get(name);
/** The same page as before, not another that looks like it. */
const stays = async (page) => assert.ok(await page.evaluate(() => window.stays), 'without loading a page');

scenario(async ({ open }) => {
  const secret = await fill();
  const all = BUILDS + DEPLOYS + LITERAL.length * 2 + 1;
  const page = await open();
  await signIn(page);
  await counted(page, `1 to 25 of ${all}`);
  await page.evaluate(() => { window.stays = true; });
  const search = page.getByLabel('Search');
  const find = async (text) => {
    await search.fill('');
    await search.pressSequentially(text);
  };

  const found = {};
  await find('rollout');
  await counted(page, `1 to 25 of ${DEPLOYS}`);
  assert.strictEqual(asked(page, 'q'), 'rollout');
  // Said to who does not see the list change.
  await page.getByRole('status').getByText(`${DEPLOYS} tokens found`).waitFor();
  found.name = new Set((await names(page)).map((name) => name.split(' ')[0])).size;
  await find(BEA.slice(0, 6));
  await counted(page, `1 to 25 of ${DEPLOYS}`);
  found.member = new Set(await cell(page, 'Member').allInnerTexts()).size;
  await find(secret.slice(-4));
  await counted(page, '1 to 1 of 1');
  found.ending = await names(page);
  for (const [literal] of LITERAL) {
    await find(literal.slice(0, 7));
    await row(page, literal).waitFor();
    await counted(page, '1 to 1 of 1');
    assert.deepStrictEqual(await names(page), [literal]);
  }
  await find('of nobody');
  await page.getByText('There are no tokens here.').waitFor();
  assert.strictEqual(await page.getByRole('table').count(), 0);
  await search.fill('');
  await counted(page, `1 to 25 of ${all}`);
  await stays(page);

  await page.getByLabel('Kind').selectOption('service');
  await counted(page, `1 to ${BUILDS / 3} of ${BUILDS / 3}`);
  assert.deepStrictEqual([...new Set(await cell(page, 'Kind').allInnerTexts())], ['Service']);
  await page.getByLabel('Kind').selectOption('personal');
  await counted(page, `1 to 25 of ${all - BUILDS / 3}`);
  await page.getByLabel('Kind').selectOption('all');
  await page.getByLabel('Sort by').selectOption('name');
  await row(page, '50 and x off').waitFor();
  const sorted = (await names(page)).map((name) => name.toLowerCase());
  assert.deepStrictEqual(sorted, [...sorted].sort());
  await page.getByLabel('Sort by').selectOption('name, backwards');
  await row(page, 'Rollout 9').waitFor();
  assert.strictEqual((await names(page))[0], 'Rollout 9');
  await stays(page);

  // One is used: of those that are unused longest, it is the last.
  assert.strictEqual(await works(secret), 200);
  await find('rollout');
  await counted(page, `1 to 25 of ${DEPLOYS}`);
  await page.getByLabel('Sort by').selectOption('unused longest');
  await page.locator('a[rel="next"][href*="sort=lastUsed"]').click();
  await counted(page, `26 to ${DEPLOYS} of ${DEPLOYS}`);
  assert.strictEqual(await search.inputValue(), 'rollout', 'another page keeps what was searched for');
  assert.strictEqual(await page.getByLabel('Sort by').inputValue(), 'lastUsed');
  const used = `Rollout ${DEPLOYS - 1}`;
  for (let tries = 0; (await names(page)).at(-1) !== used && tries < 10; tries += 1) {
    await new Promise((done) => { setTimeout(done, 1_000); });
    await page.reload();
  }
  const unused = (await names(page)).at(-1);
  await page.getByRole('link', { name: 'Previous page' }).click();
  await counted(page, `1 to 25 of ${DEPLOYS}`);
  assert.deepStrictEqual([...new Set(await cell(page, 'Last used').allInnerTexts())], ['never']);
  await page.getByLabel('Sort by').selectOption('used last');
  await cell(row(page, used), 'Last used').getByText(/^\d{4}-/).waitFor();
  assert.strictEqual((await names(page))[0], used);

  // The way back leads to what was there before, and the form says what the list is of.
  await page.goto(HOME);
  await find('bold');
  await counted(page, '1 to 2 of 2');
  await page.goBack();
  await counted(page, `1 to 25 of ${all}`);
  assert.strictEqual(await search.inputValue(), '');
  await page.goForward();
  await counted(page, '1 to 2 of 2');
  assert.strictEqual(await search.inputValue(), 'bold');
  // What came by the way back works as before.
  await find('build 7');
  await counted(page, '1 to 1 of 1');

  // More than the API takes is refused in words, also where no page is loaded.
  await find('x'.repeat(300));
  await page.getByText(/longer than|no tokens here/).waitFor({ timeout: SOON_MS });
  return { found, unused };
});
