// A token is created step by step, as the vendor's page tells it: the secret is there once, and obscured ever after.
const assert = require('node:assert');
const { api, scenario, signIn, works } = require('./support');
const { HOME, cell, row, secret } = require('./steps');

scenario(async ({ open, dialogs }) => {
  const page = await open();
  await page.goto(HOME);
  assert.strictEqual(new URL(page.url()).pathname, '/sign-in', 'who is not signed in is asked to');
  await signIn(page);
  await page.getByRole('link', { name: 'Create token' }).click();
  await page.getByRole('heading', { name: 'Create an access token' }).waitFor();
  await page.getByLabel('Name', { exact: true }).fill('Deploy');
  await page.getByLabel('Role', { exact: true }).selectOption('writer');
  await page.getByLabel('API version').selectOption('20220603');
  await page.getByLabel('This is a service token').check();
  await page.getByRole('button', { name: 'Save token' }).click();

  await page.getByRole('heading', { name: 'Deploy was created' }).waitFor();
  await page.getByRole('status').filter({ hasText: 'never again' }).waitFor();
  const shown = await secret(page);
  await page.getByRole('button', { name: 'Copy' }).click();
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  assert.strictEqual(await page.evaluate(() => navigator.clipboard.readText()), shown);

  // Whoever would leave without having said so is warned, and is still here.
  const away = page.getByRole('link', { name: 'Authorization' });
  await Promise.all([page.waitForEvent('dialog'), away.click()]);
  assert.deepStrictEqual(dialogs.splice(0), ['beforeunload']);
  assert.strictEqual(await secret(page), shown);
  await page.getByRole('link', { name: 'I have copied it' }).click();
  await page.waitForURL(`**${HOME}`);

  const line = row(page, 'Deploy');
  const said = {
    Kind: 'Service', Scope: 'writer', 'May do now': 'writer', Expires: 'never', Ending: `…${shown.slice(-4)}`,
  };
  for (const [column, words] of Object.entries(said)) {
    await cell(line, column).getByText(words, { exact: true }).waitFor();
  }
  // A day, and the whole moment for who points at it.
  const created = cell(line, 'Created').locator('[title]');
  assert.match(await created.innerText(), /^\d{4}-\d\d-\d\d$/);
  assert.match(await created.getAttribute('title'), /^\d{4}-\d\d-\d\d \d\d:\d\d UTC$/);
  assert.ok(!(await page.content()).includes(shown), 'the table obscures the secret');
  await page.reload();
  assert.ok(!(await page.content()).includes(shown));
  // Nobody kept the page of the secret: the way back would send the form again, and the browser asks before it does.
  await page.goBack().catch(() => {});
  await page.getByRole('heading', { name: 'Confirm Form Resubmission' }).waitFor();
  await page.goto(HOME);

  const { status, json } = await api(shown, 'GET', '/api/v2/caller-identity');
  assert.strictEqual(status, 200);
  assert.strictEqual(json.serviceToken, true);
  const { json: versions } = await api(shown, 'GET', '/api/v2/versions');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL('**/sign-in');
  await page.goto(HOME);
  await page.waitForURL('**/sign-in?*');
  return { version: versions.currentVersion, works: await works(shown) };
});
