// A role from its first letter to its end: checked while one types, tried, saved, changed after a look, and deleted.
const assert = require('node:assert');
const { api, owner, scenario, signIn, TOKEN } = require('./support');
const { refused, row } = require('./steps');

const statement = (actions) => [{ effect: 'allow', resources: ['proj/*'], actions }];
const text = (policy) => JSON.stringify(policy, null, 2);

scenario(async ({ open }) => {
  const page = await open();
  await signIn(page);
  await page.getByRole('link', { name: 'Roles', exact: true }).click();
  await page.getByRole('link', { name: 'Create role' }).click();
  const policy = page.getByLabel('Policy', { exact: true });
  const report = page.locator('#policy-report');
  await report.getByText('One statement, well formed.').waitFor();
  await page.evaluate(() => { window.stays = true; });

  // No JSON; JSON that is no policy; a policy with a resource that is none. Each at its place, as it is typed.
  const errors = [];
  for (const [broken, says] of [
    ['[\n  {"effect": "allow",,}\n]', 'key must be a string'],
    ['[\n  {"effect": "maybe", "resources": ["*"], "actions": ["*"]}\n]', 'expected `allow` or `deny`'],
    ['[\n  {"effect": "allow", "actions": ["*"],\n   "resources": ["proj/*", "pro j"]}\n]', "unexpected ' '"],
  ]) {
    await policy.fill('');
    await report.getByText('Line 1, column 0').waitFor();
    await policy.pressSequentially(broken);
    // Whoever stops for a moment in the middle is told of what is there by then.
    await report.getByText(says).filter({ hasText: /Line [23], column/ }).waitFor();
    errors.push((await report.innerText()).split('\n'));
  }
  await policy.fill(text(statement(['viewProject'])));
  await report.getByText('One statement, well formed.').waitFor();

  const tries = page.getByRole('group', { name: 'Try it on an example' });
  const tried = [];
  for (const [action, resource] of [['viewProject', 'proj/web'], ['updateOn', 'proj/web'], ['viewProject', 'proj/*']]) {
    await tries.getByLabel('Action').fill(action);
    await tries.getByLabel('Resource').fill(resource);
    const answer = page.waitForResponse((response) => response.url().endsWith('/settings/policy')
      && response.request().postData().includes(new URLSearchParams({ 'try-action': action, 'try-resource': resource })));
    await answer;
    await report.getByText(/llowed:|the resource:/).waitFor();
    tried.push((await report.innerText()).split('\n').filter(Boolean).at(-1));
  }
  await policy.fill(text([...statement(['*']), { ...statement(['updateOn'])[0], effect: 'deny' }]));
  await tries.getByLabel('Action').fill('updateOn');
  await tries.getByLabel('Resource').fill('proj/web');
  await report.getByText('statement 2 denies it').waitFor();
  assert.ok(await page.evaluate(() => window.stays), 'without loading a page');

  // A broken one is refused as well, and what was typed stays.
  await page.getByLabel('Name').fill('Deployer');
  await page.getByLabel('Key', { exact: true }).fill('deployer');
  await page.getByLabel('Description').fill('For pipelines');
  await policy.fill('[{');
  await page.getByRole('button', { name: 'Save role' }).click();
  await refused(page, /the policy, line 1, column 2/);
  assert.deepStrictEqual([await page.getByLabel('Key', { exact: true }).inputValue(), await policy.inputValue()], ['deployer', '[{']);
  await policy.fill(text(statement(['viewProject'])));
  await page.getByRole('button', { name: 'Save role' }).click();
  await page.waitForURL('**/settings/roles/role/deployer');
  await page.getByRole('heading', { name: 'Deployer', level: 1 }).waitFor();

  await owner('POST', '/api/v2/tokens', { name: 'Pipeline', customRoleIds: ['deployer'] });
  await owner('POST', '/api/v2/tokens', { name: 'Untouched', role: 'reader' });
  await page.getByRole('link', { name: 'All roles' }).click();
  await row(page, 'Deployer').getByRole('link').click();
  await page.getByRole('button', { name: 'See what would change' }).click();
  await refused(page, /nothing is different/);
  await policy.fill(text(statement(['viewProject', 'updateOn'])));
  await page.getByRole('button', { name: 'See what would change' }).click();
  const changes = page.getByRole('status').filter({ has: page.getByRole('heading', { name: 'What would change' }) });
  await changes.getByText('One token would change.').waitFor();
  const look = await changes.getByRole('listitem').allInnerTexts();
  const kept = (await owner('GET', '/api/v2/roles/deployer')).policy[0].actions;
  assert.deepStrictEqual(JSON.parse(await policy.inputValue()), statement(['viewProject', 'updateOn']));
  await page.getByRole('button', { name: 'Save role' }).click();
  await page.getByRole('status').getByText('Saved.').waitFor();
  const saved = (await owner('GET', '/api/v2/roles/deployer')).policy[0].actions;

  await page.getByRole('link', { name: 'Delete', exact: true }).click();
  await changes.getByRole('link', { name: 'Pipeline' }).waitFor();
  const dies = await changes.getByRole('listitem').allInnerTexts();
  await page.getByRole('link', { name: 'Cancel' }).click();
  await page.getByRole('link', { name: 'Delete', exact: true }).click();
  await page.getByRole('button', { name: 'Delete role' }).click();
  await page.waitForURL('**/settings/roles');
  assert.strictEqual(await row(page, 'Deployer').count(), 0);
  const { status } = await api(TOKEN, 'GET', '/api/v2/roles/deployer');
  return { errors, tried, look, kept, saved, dies, deleted: status };
});
