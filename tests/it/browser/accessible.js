// Every page, from wide to narrow, in the light and in the dark: nothing that keeps people from using it, and no
// scrolling sideways.
const assert = require('node:assert');
const { SIZES, axe, fits, owner, scenario, signIn, works } = require('./support');
const { replace } = require('./callers');
const { pages } = require('./pages');
const { HOME, choose, refused, row, save, secret, taken } = require('./steps');

/** More than a page of the table has. */
const TOKENS = 55;
/** A name without a place to break, which is as long as people make them. */
const LONG = `nightly-${'build'.repeat(20)}`;
const EVERYTHING = [{ effect: 'allow', resources: ['*'], actions: ['*'] }];

/** What is on the pages: more than one of everything, and long names. */
async function fill() {
  const role = await owner('POST', '/api/v2/roles', { key: 'ops', name: LONG, policy: EVERYTHING });
  const { items: [member] } = await owner('POST', '/api/v2/members', [{
    email: `${'long'.repeat(12)}@example.com`, role: 'writer', firstName: LONG, lastName: LONG,
  }]);
  const team = await owner('POST', '/api/v2/teams', { key: 'web', name: LONG, memberIDs: [member._id] });
  for (let one = 0; one < TOKENS; one += 1) {
    await owner('POST', '/api/v2/tokens', { name: `Token ${one}`, role: 'reader', serviceToken: one % 2 === 0 });
  }
  const token = await owner('POST', '/api/v2/tokens', {
    name: LONG, customRoleIds: ['ops'], expiry: Date.now() + 86_400_000,
  });
  await owner('PATCH', '/api/v2/roles/ops', { comment: LONG, patch: replace('/description', LONG) });
  const { items: [entry] } = await owner('GET', '/api/v2/auditlog?limit=1');
  assert.strictEqual(await works(token.token), 200);
  return { role: role.key, member: member._id, team: team.key, token: token._id, entry: entry._id };
}

let checked = 0;

/** What pages show when one types, asks and opens. */
async function states(page, ids, findings) {
  const role = `/settings/roles/role/${ids.role}`;
  await page.goto(role);
  const policy = page.getByLabel('Policy', { exact: true });
  await policy.fill(`[{"effect": "allow", "resources": ["${LONG} ${LONG}"], "actions": ["*"]}]`);
  await page.getByText(/^Line 1, column \d+:/).waitFor();
  await check(page, 'a policy with an error', findings);
  await policy.fill(JSON.stringify(EVERYTHING));
  const tries = page.getByRole('group', { name: 'Try it on an example' });
  await tries.getByLabel('Action').fill(LONG);
  await tries.getByLabel('Resource').fill(`proj/${LONG}`);
  await page.getByText('statement 1 allows it').waitFor();
  await check(page, 'a policy that is tried', findings);
  await policy.fill('[]');
  await page.getByRole('button', { name: 'See what would change' }).click();
  await page.getByText('One token would change.').waitFor();
  await check(page, 'a list of what would change', findings);

  await page.goto(HOME);
  await page.getByLabel('Search').fill('nightly');
  await page.getByText('1 to 1 of 1', { exact: true }).waitFor();
  await check(page, 'what was searched for', findings);
  await page.getByLabel('Search').fill(LONG.toUpperCase().repeat(2));
  await page.getByText('There are no tokens here.').waitFor();
  await check(page, 'nothing that was searched for', findings);

  await page.goto(`${HOME}/tokens/${ids.token}`);
  for (const [resource, words] of [[`proj/${LONG}`, 'Allowed'], [`${LONG} ${LONG}`, 'unexpected']]) {
    await page.getByLabel('Action', { exact: true }).fill('viewProject');
    await page.getByLabel('Resource', { exact: true }).fill(resource);
    await page.getByRole('button', { name: 'Explain' }).click();
    await page.locator('#answer').getByText(words).waitFor();
    await check(page, `the answer ${words}`, findings);
  }
  for (const path of [`${HOME}/tokens/${ids.token}`, '/settings/overview']) {
    await page.goto(path);
    // The changes are counted when the page is there.
    if (path === '/settings/overview') await page.locator('#counted').waitFor();
    for (const summary of await page.getByText('As a table').all()) await summary.click();
    await check(page, `the tables of the plots of ${path}`, findings);
  }
  await page.goto(`/settings/teams/team/${ids.team}`);
  await page.getByText('Delete this team').click();
  await check(page, 'a team that one may delete', findings);
  await page.goto(`/settings/audit?spec=${encodeURIComponent(`${LONG} `)}`);
  await refused(page, /./);
  await check(page, 'a refused question to the log', findings);
}

/** Holds the page that is shown to all of it; gives all findings at once. */
async function check(page, where, findings) {
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport);
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      for (const holds of [axe, fits]) {
        await holds(page, `${where}, ${size} and ${colorScheme},`).catch((error) => findings.push(error.message));
      }
      checked += 1;
    }
  }
  await page.setViewportSize(SIZES.wide);
}

scenario(async ({ open }) => {
  const findings = [];
  const ids = await fill();
  const page = await open();
  await signIn(page);
  for (const path of pages(ids)) {
    await page.goto(path);
    await check(page, path, findings);
  }

  await states(page, ids, findings);

  // What only comes of a form or of a click.
  await page.goto(HOME);
  await row(page, LONG).getByLabel(`Actions for ${LONG}`).click();
  await check(page, 'an open menu', findings);
  await page.goto(HOME);
  await save(page, { name: LONG, role: 'In-line policy', policy: '[{' });
  await refused(page, /./);
  await check(page, 'a refused form', findings);
  await page.goto(HOME);
  await save(page, { name: 'All', role: 'In-line policy', policy: JSON.stringify(EVERYTHING), service: true });
  await secret(page);
  await page.getByText('cut off').waitFor();
  await check(page, 'the page of a secret', findings);
  await taken(page);
  await choose(page, 'All', 'Delete');
  await page.getByLabel('to confirm').fill('Nothing');
  await page.getByRole('button', { name: 'Delete token' }).click();
  await refused(page, /./);
  await check(page, 'a refused deletion', findings);

  assert.deepStrictEqual(findings, [], findings.join('\n\n'));
  return { checked };
});
