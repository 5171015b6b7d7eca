// What one does on the Authorization tab, found as a user finds it: by labels, roles and words.
const HOME = '/settings/authorization';

/** Fills the panel in which a token is made, from wherever the tab is shown, and saves it. */
async function save(page, { name, role, roles = [], version, service, policy }) {
  await page.getByRole('link', { name: 'Create token' }).click();
  if (name !== undefined) await page.getByLabel('Name', { exact: true }).fill(name);
  if (role) await page.getByLabel('Role', { exact: true }).selectOption({ label: role });
  for (const one of roles) await page.getByRole('group', { name: 'Custom roles' }).getByLabel(one).check();
  if (policy !== undefined) await page.getByRole('textbox', { name: 'In-line policy' }).fill(policy);
  if (version) await page.getByLabel('API version').selectOption(version);
  if (service) await page.getByLabel('This is a service token').check();
  await page.getByRole('button', { name: 'Save token' }).click();
}

/** The secret on the page that shows one. */
const secret = (page) => page.getByText(/^api-\S{36}$/).innerText();

/** Leaves the page of a secret as one should, and gives the secret. */
async function taken(page) {
  const shown = await secret(page);
  await page.getByRole('link', { name: 'I have copied it' }).click();
  await page.waitForURL(`**${HOME}`);
  return shown;
}

/** The line of a token in the table. */
const row = (page, name) => page.getByRole('row').filter({
  has: page.getByRole('rowheader', { name, exact: true }),
});

/** What a line says in a column. */
const cell = (line, column) => line.locator(`td[data-label="${column}"]`);

/** Waits until the table says that a token was deleted. */
async function deleted(page) {
  await page.waitForURL((url) => url.pathname === HOME && url.search === '?done=deleted');
  await page.getByRole('status').getByText('The token was deleted.', { exact: true }).waitFor();
}

/** Opens the overflow menu of a token and chooses from it. */
async function choose(page, name, item) {
  await row(page, name).getByLabel(`Actions for ${name}`, { exact: true }).click();
  await row(page, name).getByRole('link', { name: item, exact: true }).click();
}

/** Waits until the page says why it refused, and gives what it says. */
async function refused(page, words) {
  return page.getByRole('alert').filter({ hasText: words }).innerText();
}

module.exports = { HOME, cell, choose, deleted, refused, row, save, secret, taken };
