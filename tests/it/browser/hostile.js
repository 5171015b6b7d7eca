// Hostile names of everything there is, on every page: shown as they are, and never obeyed.
const assert = require('node:assert');
const { BASE, owner, scenario, signIn } = require('./support');
const { replace } = require('./callers');
const { IMAGE, NAMES, obeysNothing } = require('./hostile_names');
const { pages } = require('./pages');
const { HOME, cell, choose, deleted, refused, row } = require('./steps');

/** As hostile as an address can be. */
const ADDRESS = '"<script>window.__pwned=true</script>"@example.com';

/** One of each kind for each name, and a token of a member with a hostile address; gives the ids by name. */
async function fill() {
  const policy = [{ effect: 'allow', resources: [`proj/${IMAGE}`], actions: ['viewProject'] }];
  const ids = [];
  for (const [one, name] of NAMES.entries()) {
    const words = { name, description: name };
    const role = await owner('POST', '/api/v2/roles', { key: `role-${one}`, policy, ...words });
    const { items: [member] } = await owner('POST', '/api/v2/members', [{
      email: `member-${one}@example.com`, role: 'writer', customRoles: [role.key], firstName: name, lastName: name,
    }]);
    const team = await owner('POST', '/api/v2/teams', { key: `team-${one}`, ...words, memberIDs: [member._id] });
    await owner('POST', '/api/v2/tokens', { ...words, name: `${name} in line`, inlineRole: policy });
    const token = await owner('POST', '/api/v2/tokens', { ...words, customRoleIds: [role.key] });
    const patch = [...replace('/name', `${name} `), ...replace('/name', name)];
    await owner('PATCH', `/api/v2/roles/${role.key}`, { comment: name, patch: [...patch, ...replace('/description', `${name}!`)] });
    const { items: [entry] } = await owner('GET', '/api/v2/auditlog?limit=1');
    ids.push({ role: role.key, member: member._id, team: team.key, token: token._id, entry: entry._id });
  }
  const password = 'the password of the address';
  await owner('POST', '/api/v2/members', [{ email: ADDRESS, role: 'reader', password }]);
  const headers = { 'Content-Type': 'application/json', Origin: BASE };
  const session = await fetch(`${BASE}/session`, {
    method: 'POST', headers, body: JSON.stringify({ email: ADDRESS, password }),
  });
  const made = await fetch(`${BASE}/api/v2/tokens`, {
    method: 'POST',
    headers: { ...headers, Cookie: session.headers.get('set-cookie').split(';')[0] },
    body: JSON.stringify({ name: 'of the address', role: 'reader' }),
  });
  assert.strictEqual(made.status, 201);
  return ids;
}

/** What else says a name: searches, comments, answers, reports, and lists of what would change. */
async function says(page, name, ids) {
  const query = encodeURIComponent(name);
  const shown = async (path, where) => {
    await page.goto(path);
    await where().waitFor();
    await obeysNothing(page, `${path} with ${name}`);
  };
  const exactly = (text = name) => page.locator('main').getByText(text, { exact: true });
  const changes = () => page.locator('.what-if').getByRole('link', { name, exact: true });
  await shown(`${HOME}?q=${query}`, () => row(page, name));
  assert.strictEqual(await page.getByLabel('Search').inputValue(), name);
  for (const path of ['/settings/members', '/settings/audit']) {
    await shown(`${path}?q=${query}`, () => page.getByRole('heading', { level: 1 }));
    assert.strictEqual(await page.getByLabel('Search').inputValue(), name);
  }
  await shown(`/settings/audit?spec=${query}&from=${query}`, () => page.getByRole('alert'));
  await shown(`/settings/audit?spec=role/${ids.role}`, () => exactly().first());
  await shown(`/settings/audit/${ids.entry}`, () => exactly().first());
  await shown('/settings/roles', () => row(page, name).getByText(`${name}!`, { exact: true }));
  await shown('/settings/teams', () => row(page, name));
  await shown(`/settings/members/${ids.member}`, () => page.getByRole('link', { name, exact: true }));
  await shown(`/settings/roles/role/${ids.role}/delete`, changes);
  const token = `${HOME}/tokens/${ids.token}`;
  await shown(`${token}?action=viewProject&resource=proj/a`, () => page.locator('#answer').getByText(name));
  await shown(`${token}?action=${query}&resource=${query}&asOf=${query}`, () => page.locator('#answer .refusal'));
  for (const [label, value] of [['Action', name], ['Resource', name], ['As of', name]]) {
    assert.strictEqual(await page.getByLabel(label, { exact: true }).inputValue(), value);
  }

  await shown(`/settings/roles/role/${ids.role}`, () => page.getByText('One statement, well formed.'));
  const report = page.locator('#policy-report');
  const policy = page.getByLabel('Policy', { exact: true });
  await policy.fill(`[\n{"effect": "allow", "actions": ["*"], "resources": [${JSON.stringify(name)}]}]`);
  await report.getByText(/^Line 2, column/).waitFor();
  await obeysNothing(page, `the report with ${name}`);
  await policy.fill('[]');
  await page.locator('#try-action').fill(name);
  await page.locator('#try-resource').fill(name);
  await report.getByText('the resource: ').waitFor();
  await obeysNothing(page, `an example of ${name}`);
  await page.getByRole('button', { name: 'See what would change' }).click();
  await changes().waitFor();
  await obeysNothing(page, `what would change of ${name}`);
}

scenario(async ({ open }) => {
  const ids = await fill();
  // Without the policy of content, so that nothing but what the pages escape stands between a name and a script.
  const page = await open({ bypassCSP: true });
  await signIn(page);
  let looked = 0;
  for (const [one, name] of NAMES.entries()) {
    for (const path of pages(ids[one])) {
      await page.goto(path);
      await obeysNothing(page, `${path} with ${name}`);
      looked += 1;
    }
    await says(page, name, ids[one]);
  }

  await page.goto(HOME);
  for (const name of NAMES) {
    for (const column of ['Scope', 'May do now']) {
      await cell(row(page, name), column).getByText(name, { exact: true }).waitFor();
    }
  }
  await row(page, 'of the address').getByText(ADDRESS, { exact: true }).waitFor();
  for (const name of NAMES) {
    for (const [confirmed, count] of [[`${name}!`, 1], [name, 0]]) {
      await choose(page, name, 'Delete');
      await page.getByRole('heading', { name: `Delete ${name}`, exact: true }).waitFor();
      await page.getByLabel('to confirm').fill(confirmed);
      await page.getByRole('button', { name: 'Delete token' }).click();
      if (count) await refused(page, /type the token's name/);
      else await deleted(page);
      await obeysNothing(page, `deleting ${name}`);
      await page.goto(HOME);
      assert.strictEqual(await row(page, name).count(), count);
    }
  }
  return { looked };
});
