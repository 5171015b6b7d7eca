// Without any script, all of it works by links and forms alone; only copying and the warning are missing.
const assert = require('node:assert');
const { scenario, signIn, works } = require('./support');
const { HOME, choose, deleted, refused, row, save, taken } = require('./steps');

scenario(async ({ open }) => {
  const page = await open({ javaScriptEnabled: false });
  await signIn(page);
  await save(page, { name: 'Plain', role: 'writer' });
  const first = await taken(page);
  // Without a script nothing hides: the custom roles and the policy are there from the start.
  await page.goto(`${HOME}/tokens/new`);
  await page.getByRole('group', { name: 'Custom roles' }).waitFor();
  await page.getByRole('textbox', { name: 'In-line policy' }).waitFor();
  await page.goto(HOME);
  await choose(page, 'Plain', 'Clone');
  await page.getByRole('button', { name: 'Clone token' }).click();
  const clone = await taken(page);
  await choose(page, 'Plain', 'Reset');
  await page.getByLabel('to confirm').fill('Plain');
  await page.getByRole('button', { name: 'Reset token' }).click();
  const second = await taken(page);
  await choose(page, 'Plain', 'Delete');
  await page.getByLabel('to confirm').fill('Plan');
  await page.getByRole('button', { name: 'Delete token' }).click();
  await refused(page, /type the token's name/);
  const before = [await works(first), await works(second), await works(clone)];
  await page.getByLabel('to confirm').fill('Plain');
  await page.getByRole('button', { name: 'Delete token' }).click();
  await deleted(page);
  assert.strictEqual(await row(page, 'Plain').count(), 0);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL('**/sign-in');
  return { before, after: await works(second) };
});
