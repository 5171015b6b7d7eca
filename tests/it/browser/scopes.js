// What a token may do beyond the built-in roles: custom roles, in-line policies, and policies that are none.
const assert = require('node:assert');
const { api, owner, scenario, signIn } = require('./support');
const { HOME, cell, refused, row, save, taken } = require('./steps');

const POLICY = [{ effect: 'allow', resources: ['proj/web:env/*'], actions: ['viewProject'] }];

scenario(async ({ open }) => {
  await owner('POST', '/api/v2/roles', { key: 'ops', name: 'Operations', policy: POLICY });
  const page = await open();
  await signIn(page);

  // With one, each is there when it counts.
  await page.goto(`${HOME}/tokens/new`);
  const roles = page.getByRole('group', { name: 'Custom roles' });
  const editor = page.getByLabel('In-line policy');
  for (const [role, shown] of [['reader', [false, false]], ['Custom roles', [true, false]], ['In-line policy', [false, true]]]) {
    await page.getByLabel('Role', { exact: true }).selectOption({ label: role });
    assert.deepStrictEqual([await roles.isVisible(), await editor.isVisible()], shown, role);
  }
  await page.goto(HOME);

  await save(page, { name: 'By role', role: 'Custom roles', roles: ['Operations'] });
  const byRole = await taken(page);
  for (const column of ['Scope', 'May do now']) {
    await cell(row(page, 'By role'), column).getByText('Operations', { exact: true }).waitFor();
  }
  await save(page, { name: 'By policy', role: 'In-line policy', policy: JSON.stringify(POLICY) });
  const byPolicy = await taken(page);
  for (const column of ['Scope', 'May do now']) {
    await cell(row(page, 'By policy'), column).getByText('in-line policy', { exact: true }).waitFor();
  }
  const { items } = await owner('GET', '/api/v2/tokens?showAll=true');
  const inline = items.find(({ name }) => name === 'By policy').inlineRole;

  // Both work, and neither may do more than it says.
  const may = [];
  for (const secret of [byRole, byPolicy]) {
    may.push((await api(secret, 'GET', '/api/v2/caller-identity')).status);
    may.push((await api(secret, 'POST', '/api/v2/roles', { key: 'x', name: 'x', policy: POLICY })).status);
  }

  // No JSON, then JSON that is no policy: said, and the form keeps all that was typed.
  const broken = '[{"effect": "allow",';
  await save(page, {
    name: 'Broken', role: 'In-line policy', policy: broken, version: '20191212', service: true,
  });
  await refused(page, /the policy, line 1, column 20: EOF/);
  const policy = page.getByRole('textbox', { name: 'In-line policy' });
  const kept = async () => ({
    name: await page.getByLabel('Name', { exact: true }).inputValue(),
    role: await page.getByLabel('Role', { exact: true }).inputValue(),
    policy: await policy.inputValue(),
    version: await page.getByLabel('API version').inputValue(),
    service: await page.getByLabel('This is a service token').isChecked(),
  });
  const typed = { name: 'Broken', role: 'inline', policy: broken, version: '20191212', service: true };
  assert.deepStrictEqual(await kept(), typed);
  const wrong = JSON.stringify([{ ...POLICY[0], effect: 'maybe' }]);
  await policy.fill(wrong);
  await page.getByRole('button', { name: 'Save token' }).click();
  await refused(page, /line 1, column 18: unknown variant `maybe`, expected `allow` or `deny`/);
  assert.deepStrictEqual(await kept(), { ...typed, policy: wrong });

  // Put right in the same form, it is a token.
  await policy.fill(JSON.stringify(POLICY));
  await page.getByRole('button', { name: 'Save token' }).click();
  await taken(page);
  await row(page, 'Broken').getByText('Service', { exact: true }).waitFor();
  await page.goto(HOME);
  return { may, inline, made: await page.getByRole('rowheader').allInnerTexts() };
});
