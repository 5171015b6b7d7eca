// What is refused is said in words, who is removed is out, and a form that is sent twice is one token.
const assert = require('node:assert');
const { EMAIL, PASSWORD, owner, scenario, signIn, works } = require('./support');
const { HOME, refused, row, save, secret, taken } = require('./steps');

const { READER, READER_PASSWORD } = process.env;

async function wrongPassword(page) {
  await page.goto('/sign-in');
  await page.getByLabel('E-mail').fill(READER);
  await page.getByLabel('Password').fill('a guess');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await refused(page, /wrong e-mail or password/);
  assert.strictEqual(await page.getByLabel('E-mail').inputValue(), READER);
  assert.strictEqual(await page.getByLabel('Password').inputValue(), '', 'a password is never sent back');
  assert.deepStrictEqual(await page.context().cookies(), []);
}

async function readers(page) {
  await signIn(page, READER, READER_PASSWORD);
  await save(page, { name: 'Too much', role: 'admin', service: true });
  const said = await refused(page, /./);
  assert.strictEqual(await page.getByLabel('Name', { exact: true }).inputValue(), 'Too much');
  assert.strictEqual(await page.getByLabel('Role', { exact: true }).inputValue(), 'admin');
  await page.getByLabel('Role', { exact: true }).selectOption('reader');
  await page.getByLabel('This is a service token').uncheck();
  await page.getByRole('button', { name: 'Save token' }).click();
  assert.strictEqual(await works(await taken(page)), 200);

  // Somebody else's token: whether or not it is shown, it is not theirs to delete.
  const { items } = await owner('GET', '/api/v2/tokens?showAll=true');
  const other = items.find(({ name }) => name !== 'Too much');
  await page.goto(`${HOME}/tokens/${other._id}/delete`);
  const confirm = page.getByLabel('to confirm');
  if (await confirm.count()) {
    await confirm.fill(other.name);
    await page.getByRole('button', { name: 'Delete token' }).click();
  }
  await refused(page, /./);
  await owner('GET', `/api/v2/tokens/${other._id}`);
  return said;
}

async function twice(page) {
  await page.getByRole('link', { name: 'Create token' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Once');
  await page.getByRole('button', { name: 'Save token' }).dblclick();
  await page.getByRole('heading', { name: 'Once was created' }).waitFor();
  const shown = await secret(page);
  assert.strictEqual(await works(shown), 200, 'what is shown is the secret of what was made');
  await taken(page);
  return row(page, 'Once').count();
}

scenario(async ({ open }) => {
  const page = await open();
  await wrongPassword(page);
  const said = await readers(page);

  const other = await open();
  await signIn(other);
  const made = await twice(other);
  const { items } = await owner('GET', `/api/v2/members?filter=query:${EMAIL}`);
  await owner('DELETE', `/api/v2/members/${items[0]._id}`);
  await other.getByRole('link', { name: 'Create token' }).click();
  await other.waitForURL('**/sign-in?*');
  await other.getByLabel('E-mail').fill(EMAIL);
  await other.getByLabel('Password').fill(PASSWORD);
  await other.getByRole('button', { name: 'Sign in' }).click();
  await refused(other, /wrong e-mail or password/);
  return { said, made };
});
