// Members sign in at a provider of identities: with their e-mail there, to the page that they asked for, and nobody else.
const assert = require('node:assert');
const { EMAIL, axe, fits, owner, scenario } = require('./support');
const { HOME, refused } = require('./steps');

const NEW = 'newcomer@example.com';

/** Goes to the provider from the page for signing in, and there says who it is. */
async function identify(page, email, button = 'Continue') {
  await page.getByRole('link', { name: 'Sign in with Acme' }).click();
  await page.getByRole('heading', { name: 'The identity provider' }).waitFor();
  await page.getByLabel('E-mail').fill(email);
  await page.getByRole('button', { name: button }).click();
}

scenario(async ({ open }) => {
  const [invited] = (await owner('POST', '/api/v2/members', [{ email: NEW, role: 'reader' }])).items;
  // Whoever made the link could set a password by it until the member joins.
  const { code } = await owner('POST', `/api/v2/members/${invited._id}/invitation`);

  const page = await open();
  await page.goto('/settings/members?offset=0');
  await axe(page);
  await fits(page);
  await identify(page, EMAIL);
  await page.waitForURL('**/settings/members?offset=0');
  await page.getByRole('banner').getByText(EMAIL).waitFor();
  const cookies = await page.context().cookies();
  const session = cookies.find(({ name }) => name === 'keyledger_session');
  assert.deepStrictEqual([session.sameSite, session.httpOnly], ['Strict', true]);
  assert.ok(!cookies.some(({ name }) => name === 'keyledger_sign_in'), 'the attempt is over');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL('**/sign-in');

  const said = {};
  for (const [email, words, button] of [
    ['stranger@example.com', 'is no member here'],
    [`unverified-${EMAIL}`, 'does not call your e-mail verified'],
    ['nameless@example.com', 'names no e-mail'],
    [EMAIL, 'did not sign you in: access_denied', 'Refuse'],
  ]) {
    const other = await open();
    await other.goto(HOME);
    await identify(other, email, button);
    said[email] = await refused(other, words);
    await other.goto(HOME);
    assert.strictEqual(new URL(other.url()).pathname, '/sign-in', `${email} is not signed in`);
  }

  const first = await open();
  await first.goto(HOME);
  assert.strictEqual((await owner('GET', `/api/v2/members/${invited._id}`))._pendingInvite, true);
  await identify(first, NEW);
  await first.waitForURL(`**${HOME}`);
  const member = await owner('GET', `/api/v2/members/${invited._id}`);
  assert.deepStrictEqual([member._pendingInvite, member.hasPassword], [false, false]);
  // The link of the invitation has ended with that.
  const link = await open();
  await link.goto(`/invitation#${code}`);
  await link.getByLabel('Password', { exact: true }).fill('a password of somebody else');
  await link.getByLabel('Password again').fill('a password of somebody else');
  await link.getByRole('button', { name: 'Join' }).click();
  await refused(link, 'this invitation does not work');
  return { said: Object.keys(said).length };
});
