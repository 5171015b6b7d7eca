// The newer pages without a mouse: a member is invited, a role is made and looked at, and a token explains itself.
const assert = require('node:assert');
const { press, shows, skips, tabTo, tour } = require('./focus');
const { owner, scenario, signIn, works } = require('./support');
const { HOME, row } = require('./steps');

const RESOURCE = 'proj/web:env/production:flag/dark-mode';
const EMAIL = 'new@example.com';

async function invite(page) {
  await press(page, page.getByRole('link', { name: 'Members', exact: true }));
  await page.waitForURL('**/settings/members');
  await press(page, page.getByRole('link', { name: 'Invite member' }));
  await page.waitForURL('**/members/new');
  await tour(page);
  await page.reload();
  await skips(page);
  await page.reload();
  await tabTo(page, page.getByLabel('E-mail'));
  await page.keyboard.type(EMAIL);
  const role = page.getByLabel('Role', { exact: true });
  await press(page, role, 'ArrowDown');
  const chosen = await role.inputValue();
  await press(page, page.getByRole('group', { name: 'Custom roles' }).getByLabel('Operations'), 'Space');
  await press(page, page.getByRole('button', { name: 'Invite' }));
  await page.getByRole('heading', { name: `${EMAIL} is invited` }).waitFor();
  await press(page, page.getByRole('button', { name: 'Copy' }), 'Space');
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  await shows(page);
  await press(page, page.getByRole('link', { name: 'I have copied it' }));
  await page.getByText('has not joined yet').waitFor();
  await tour(page);
  return chosen;
}

async function role(page) {
  await press(page, page.getByRole('link', { name: 'Roles', exact: true }));
  await page.waitForURL('**/settings/roles');
  await press(page, page.getByRole('link', { name: 'Create role' }));
  await page.waitForURL('**/roles/new');
  await tour(page);
  await page.reload();
  await tabTo(page, page.getByLabel('Name', { exact: true }));
  await page.keyboard.type('Reviewer');
  await tabTo(page, page.getByLabel('Key', { exact: true }));
  await page.keyboard.type('reviewer');
  // Tab leads on from the policy, and what is said of it leaves the focus where it is.
  const policy = page.getByLabel('Policy', { exact: true });
  await tabTo(page, policy);
  await page.keyboard.press('Control+A');
  await page.keyboard.type('[{');
  await page.getByText(/^Line 1, column 2:/).waitFor();
  assert.ok(await policy.evaluate((one) => one === document.activeElement), 'the report leaves the focus alone');
  await page.keyboard.press('Control+A');
  await page.keyboard.type('[{"effect": "allow", "resources": ["proj/*"], "actions": ["updateOn"]}]');
  await page.getByText('One statement, well formed.').waitFor();
  const tries = page.getByRole('group', { name: 'Try it on an example' });
  await tabTo(page, tries.getByLabel('Action'));
  await page.keyboard.type('updateOn');
  await tabTo(page, tries.getByLabel('Resource'));
  await page.keyboard.type('proj/web');
  await page.getByText('statement 1 allows it').waitFor();
  await press(page, page.getByRole('button', { name: 'Save role' }));
  await page.waitForURL('**/roles/role/reviewer');
  await tabTo(page, page.getByLabel('Policy', { exact: true }));
  await page.keyboard.press('Control+A');
  await page.keyboard.type('[]');
  await press(page, page.getByRole('button', { name: 'See what would change' }));
  await page.getByRole('heading', { name: 'What would change' }).waitFor();
  await tour(page);
  return (await owner('GET', '/api/v2/roles/reviewer')).policy[0].actions;
}

async function explain(page) {
  await press(page, page.getByRole('link', { name: 'Authorization' }));
  await page.waitForURL(`**${HOME}`);
  await tabTo(page, page.getByLabel('Search'));
  await page.keyboard.type('pipe');
  await page.getByRole('navigation', { name: 'Pages' }).getByText('1 to 1 of 1', { exact: true }).waitFor();
  assert.ok(await page.getByLabel('Search').evaluate((one) => one === document.activeElement), 'one goes on typing');
  await press(page, row(page, 'Pipeline').getByRole('link', { name: 'Pipeline', exact: true }));
  await page.getByRole('heading', { name: 'Pipeline', level: 1 }).waitFor();
  await tour(page);
  await page.reload();
  await tabTo(page, page.getByLabel('Action', { exact: true }));
  await page.keyboard.type('updateOn');
  await tabTo(page, page.getByLabel('Resource', { exact: true }));
  await page.keyboard.type(RESOURCE);
  await page.keyboard.press('Enter');
  await page.getByText('Not allowed').waitFor();
  await shows(page);
  await press(page, page.getByText('As a table'));
  await page.getByRole('table').waitFor();
}

scenario(async ({ open }) => {
  const policy = [{ effect: 'allow', resources: ['proj/*'], actions: ['viewProject'] }];
  await owner('POST', '/api/v2/roles', { key: 'ops', name: 'Operations', policy });
  const { token, _id } = await owner('POST', '/api/v2/tokens', { name: 'Pipeline', role: 'reader' });
  assert.strictEqual(await works(token), 200);
  // Uses are written down once a second.
  for (let calls = 0; calls === 0;) {
    const { items } = await owner('GET', `/api/v2/tokens/${_id}/usage`);
    calls = items.reduce((sum, day) => sum + day.calls, 0);
    await new Promise((done) => { setTimeout(done, 200); });
  }
  const page = await open();
  await signIn(page);
  const invited = await invite(page);
  const { items } = await owner('GET', `/api/v2/members?filter=query:${EMAIL}`);
  const kept = await role(page);
  await explain(page);
  return { invited, roles: items[0].customRoles.length, kept };
});
