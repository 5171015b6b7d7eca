// A person's way through an account: invited, joining, another role, in a team and out of it, and removed.
const assert = require('node:assert');
const { owner, scenario, signIn, works } = require('./support');
const { cell, refused, row, save, taken } = require('./steps');

const EMAIL = 'new@example.com';
const PASSWORD = 'a password of their own';

const changes = (page) => page.getByRole('status').filter({
  has: page.getByRole('heading', { name: 'What would change' }),
});

async function invite(page, dialogs) {
  await page.getByRole('link', { name: 'Members', exact: true }).click();
  await page.getByRole('link', { name: 'Invite member' }).click();
  await page.getByLabel('E-mail').fill('no address');
  await page.getByRole('button', { name: 'Invite' }).click();
  await refused(page, /./);
  await page.getByLabel('E-mail').fill(EMAIL);
  await page.getByLabel('First name').fill('Nia');
  await page.getByLabel('Role', { exact: true }).selectOption('writer');
  await page.getByRole('button', { name: 'Invite' }).click();
  await page.getByRole('heading', { name: `${EMAIL} is invited` }).waitFor();
  const link = await page.getByText(/^http\S+#\S+$/).innerText();
  await page.getByRole('button', { name: 'Copy' }).click();
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  assert.strictEqual(await page.evaluate(() => navigator.clipboard.readText()), link);
  const away = page.getByRole('link', { name: 'Members', exact: true });
  await Promise.all([page.waitForEvent('dialog'), away.click()]);
  assert.deepStrictEqual(dialogs.splice(0), ['beforeunload']);
  await page.getByRole('link', { name: 'I have copied it' }).click();
  await page.getByText('has not joined yet').waitFor();
  assert.ok(!(await page.content()).includes(link.split('#')[1]), 'the link is shown once');
  return link;
}

async function join(page, link) {
  await page.goto(link);
  const code = page.getByLabel('Code of the invitation');
  assert.strictEqual(await code.inputValue(), link.split('#')[1]);
  assert.strictEqual(new URL(page.url()).hash, '', 'the address does not hold the code');
  await page.getByLabel('Last name').fill('Okoro');
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByLabel('Password again').fill(`${PASSWORD}!`);
  await page.getByRole('button', { name: 'Join' }).click();
  await refused(page, /the two passwords are not the same/);
  assert.strictEqual(await code.inputValue(), link.split('#')[1], 'what was typed stays');
  assert.strictEqual(await page.getByLabel('Last name').inputValue(), 'Okoro');
  for (const label of ['Password', 'Password again']) {
    const field = page.getByLabel(label, { exact: true });
    assert.strictEqual(await field.inputValue(), '', 'a password is never sent back');
    await field.fill(PASSWORD);
  }
  await page.getByRole('button', { name: 'Join' }).click();
  await page.waitForURL('**/settings/authorization');
  await page.getByText(EMAIL).first().waitFor();
}

async function lower(page) {
  await page.reload();
  assert.strictEqual(await page.getByText('has not joined yet').count(), 0);
  await page.getByLabel('Role', { exact: true }).selectOption('reader');
  await page.getByRole('button', { name: 'See what would change' }).click();
  await changes(page).getByText('One token would change.').waitFor();
  const look = await changes(page).getByRole('listitem').allInnerTexts();
  const { items } = await owner('GET', `/api/v2/members?filter=query:${EMAIL}`);
  assert.strictEqual(items[0].role, 'writer', 'a look changes nothing');
  assert.strictEqual(await page.getByLabel('Role', { exact: true }).inputValue(), 'reader');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('status').getByText('Saved.').waitFor();
  const role = (await owner('GET', `/api/v2/members/${items[0]._id}`)).role;
  return { id: items[0]._id, look, role };
}

async function team(page, id) {
  const teams = async () => (await owner('GET', `/api/v2/members/${id}`)).teams.map(({ key }) => key);
  await page.getByRole('link', { name: 'Teams', exact: true }).click();
  await page.getByRole('link', { name: 'Create team' }).click();
  await page.getByLabel('Name').fill('Web');
  await page.getByLabel('Key').fill('web');
  await page.getByRole('button', { name: 'Save team' }).click();
  await page.getByRole('heading', { name: 'Web', level: 1 }).waitFor();
  await page.getByLabel('E-mail of a member').fill('nobody@example.com');
  await page.getByRole('button', { name: 'Add' }).click();
  await refused(page, /no member has the e-mail nobody@example.com/);
  await page.getByLabel('E-mail of a member').fill(EMAIL);
  await page.getByRole('button', { name: 'Add' }).click();
  await page.getByRole('heading', { name: 'Members (1)' }).waitFor();
  const added = await teams();
  await page.getByRole('group', { name: 'Custom roles' }).getByLabel('Operations').check();
  await page.getByRole('button', { name: 'Save roles' }).click();
  await page.getByRole('heading', { name: 'Roles that it gives (1)' }).waitFor();
  const { roles } = await owner('GET', '/api/v2/teams/web?expand=roles');
  await page.getByRole('button', { name: new RegExp(`${EMAIL}`) }).click();
  await page.getByRole('heading', { name: 'Members (0)' }).waitFor();
  return { added, roles: roles.items.map(({ key }) => key), left: await teams() };
}

scenario(async ({ open, dialogs }) => {
  const policy = [{ effect: 'allow', resources: ['proj/*'], actions: ['*'] }];
  await owner('POST', '/api/v2/roles', { key: 'ops', name: 'Operations', policy });
  const page = await open();
  await signIn(page);
  const link = await invite(page, dialogs);
  const theirs = await open();
  await join(theirs, link);
  await save(theirs, { name: 'Theirs', role: 'writer' });
  const token = await taken(theirs);
  const { id, look, role } = await lower(page);
  const inTeam = await team(page, id);

  await page.getByRole('link', { name: 'Members', exact: true }).click();
  await cell(row(page, EMAIL), 'Role').getByText('reader', { exact: true }).waitFor();
  await row(page, EMAIL).getByRole('link').click();
  await page.getByRole('link', { name: 'Remove' }).click();
  await changes(page).getByRole('link', { name: 'Theirs' }).waitFor();
  const dies = await changes(page).getByRole('listitem').allInnerTexts();
  await page.getByLabel('to confirm').fill('ada@example.com');
  await page.getByRole('button', { name: 'Remove member' }).click();
  await refused(page, /type the member's e-mail to confirm/);
  const before = await works(token);
  await page.getByLabel('to confirm').fill(EMAIL);
  await page.getByRole('button', { name: 'Remove member' }).click();
  await page.waitForURL('**/settings/members');
  assert.strictEqual(await row(page, EMAIL).count(), 0);

  await theirs.getByRole('link', { name: 'Create token' }).click();
  await theirs.waitForURL('**/sign-in?*');
  // The link has been used, and its member is gone.
  await theirs.goto(link);
  for (const label of ['Password', 'Password again']) await theirs.getByLabel(label, { exact: true }).fill(PASSWORD);
  await theirs.getByRole('button', { name: 'Join' }).click();
  await refused(theirs, /./);
  return { look, role, team: inTeam, dies, works: [before, await works(token)] };
});
