// Members as a scenario needs them: invited by the owner, and calling the API with a session of their own.
const assert = require('node:assert');
const { BASE, owner } = require('./support');

const passwordOf = (email) => `the password of ${email}`;

/** Invites a member who can sign in at once; gives the member. */
async function invite(email, role, more = {}) {
  const form = [{ email, role, password: passwordOf(email), ...more }];
  return (await owner('POST', '/api/v2/members', form)).items[0];
}

/** Signs a member in; gives a function that calls the API as that member and requires it to work. */
async function session(email) {
  const headers = { 'Content-Type': 'application/json', Origin: BASE };
  const body = JSON.stringify({ email, password: passwordOf(email) });
  const entered = await fetch(`${BASE}/session`, { method: 'POST', headers, body });
  assert.strictEqual(entered.status, 204, `${email} signs in`);
  const signedIn = { ...headers, Cookie: entered.headers.get('set-cookie').split(';')[0] };
  return async (method, path, sent) => {
    const answer = await fetch(BASE + path, { method, headers: signedIn, body: sent && JSON.stringify(sent) });
    const text = await answer.text();
    assert.ok(answer.ok, `${email}: ${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : null;
  };
}

/** The position of the last entry in the audit log. */
const position = async () => (await owner('GET', '/api/v2/auditlog?limit=1')).items[0]._position;

const replace = (path, value) => [{ op: 'replace', path, value }];

module.exports = { invite, passwordOf, position, replace, session };
