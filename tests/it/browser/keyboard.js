// The seed's flow without a mouse: create, copy, open the menu, delete. What has the focus always shows it.
const assert = require('node:assert');
const { press, shows, skips, tabTo, tour } = require('./focus');
const { EMAIL, PASSWORD, scenario, works } = require('./support');
const { HOME, deleted, row, secret } = require('./steps');

scenario(async ({ open }) => {
  const page = await open();
  await page.goto('/sign-in');
  await tabTo(page, page.getByLabel('E-mail'));
  await page.keyboard.type(EMAIL);
  await tabTo(page, page.getByLabel('Password'));
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press('Enter');
  await page.waitForURL(`**${HOME}`);
  await skips(page);

  await page.reload();
  await press(page, page.getByRole('link', { name: 'Create token' }));
  await page.waitForURL('**/tokens/new');
  const stops = await tour(page);
  await page.reload();
  await tabTo(page, page.getByLabel('Name', { exact: true }));
  await page.keyboard.type('By hand');
  const role = page.getByLabel('Role', { exact: true });
  await press(page, role, 'ArrowDown');
  assert.strictEqual(await role.inputValue(), 'writer');
  const service = page.getByLabel('This is a service token');
  await press(page, service, 'Space');
  assert.ok(await service.isChecked());
  await press(page, page.getByRole('button', { name: 'Save token' }));

  await page.getByRole('heading', { name: 'By hand was created' }).waitFor();
  const shown = await secret(page);
  await press(page, page.getByRole('button', { name: 'Copy' }), 'Space');
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  assert.strictEqual(await page.evaluate(() => navigator.clipboard.readText()), shown);
  await shows(page);
  await press(page, page.getByRole('link', { name: 'I have copied it' }));
  await page.waitForURL(`**${HOME}`);

  await tour(page);
  await page.reload();
  const menu = row(page, 'By hand').getByLabel('Actions for By hand', { exact: true });
  const remove = row(page, 'By hand').getByRole('link', { name: 'Delete' });
  await press(page, menu);
  await tabTo(page, remove);
  await page.keyboard.press('Escape');
  await remove.waitFor({ state: 'hidden' });
  assert.ok(await menu.evaluate((one) => one === document.activeElement), 'Escape goes back to the menu');
  await shows(page);
  await page.keyboard.press('Space');
  await press(page, remove);
  await tabTo(page, page.getByLabel('to confirm'));
  await page.keyboard.type('By hand');
  await press(page, page.getByRole('button', { name: 'Delete token' }));
  await deleted(page);
  return { stops, deleted: await works(shown), left: await row(page, 'By hand').count() };
});
