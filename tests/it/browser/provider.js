// A real OpenID provider, which signs in whoever types an e-mail. CLAIMS=userinfo keeps what it claims of people out
// of the ID token; ALG says how the ID token is signed. Ends with its standard input, so that it outlives no test.
const { createHash, randomBytes } = require('node:crypto');
const http = require('node:http');

// Standard output is for the line that says where this listens; the library has its notices there otherwise.
console.info = console.error;
const { Provider } = require('oidc-provider');
const { default: Memory } = require('oidc-provider/lib/adapters/memory_adapter.js');
const jose = require('jose');

const { ALG = 'RS256', CLAIMS } = process.env;
const ALGORITHMS = ['RS256', 'ES256', 'PS256', 'EdDSA'];
const CALLBACK = /^http:\/\/127\.0\.0\.1:\d+\/sign-in\/openid\/callback$/;
const HOUR = 60 * 60;

/** The e-mails of who has signed in, by subject. */
const people = new Map();

/** What is claimed of somebody: how the e-mail begins says what is missing or not verified. */
function claims(sub) {
  const email = people.get(sub);
  const about = { sub, name: email.split('@')[0] };
  if (email.startsWith('nameless')) return about;
  if (email.startsWith('silent')) return { ...about, email };
  return { ...about, email, email_verified: !email.startsWith('unverified') };
}

/** A key of every kind, as a provider has that serves many: only the header of a token says which one signed it. */
async function keys() {
  return Promise.all(ALGORITHMS.map(async (alg) => {
    const { privateKey } = await jose.generateKeyPair(alg, { extractable: true });
    return { ...await jose.exportJWK(privateKey), alg, use: 'sig', kid: `the key of ${alg}` };
  }));
}

/** Whoever signs in here consents by that. */
async function consent({ oidc }) {
  const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
  grant.addOIDCScope('openid email profile');
  await grant.save();
  return grant;
}

const configuration = async () => ({
  // The library warns of its own, though a test wants no more than what is in memory. A subclass is not its own.
  adapter: class extends Memory {},
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
  clients: [{
    client_id: 'keyledger',
    client_secret: 'a secret of the tests',
    token_endpoint_auth_method: 'client_secret_basic',
    redirect_uris: ['http://127.0.0.1/sign-in/openid/callback'],
    id_token_signed_response_alg: ALG,
  }],
  conformIdTokenClaims: CLAIMS === 'userinfo',
  // A browser keeps cookies apart by host, not by port: these must not be taken for those of who is tested.
  cookies: {
    keys: [randomBytes(32).toString('hex')],
    names: { session: 'provider_session', interaction: 'provider_interaction', resume: 'provider_resume' },
  },
  features: { devInteractions: { enabled: false } },
  findAccount: (_, sub) => (people.has(sub) ? { accountId: sub, claims: () => claims(sub) } : undefined),
  interactions: { url: (_, { uid }) => `/interaction/${uid}` },
  jwks: { keys: await keys() },
  loadExistingGrant: consent,
  pkce: { required: () => true },
  renderError: (ctx, { error, error_description: why }) => {
    ctx.type = 'text';
    ctx.body = `${error}: ${why}`;
  },
  ttl: { AccessToken: HOUR, AuthorizationCode: 60, Grant: HOUR, IdToken: HOUR, Interaction: HOUR, Session: HOUR },
});

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>The identity provider</title>
<link rel="icon" href="data:,">
</head>
<body>
<main>
<h1>The identity provider</h1>
<form method="post">
<p><label for="email">E-mail</label> <input id="email" name="email" autocomplete="off" required></p>
<p><button>Continue</button> <button name="refuse" value="yes" formnovalidate>Refuse</button></p>
</form>
</main>
</body>
</html>
`;

/** Shows the page, or does what was chosen on it. */
async function interact(provider, request, response) {
  if (request.method !== 'POST') {
    response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store' }).end(PAGE);
    return;
  }
  const form = new URLSearchParams(Buffer.concat(await request.toArray()).toString());
  let result = { error: 'access_denied', error_description: 'the one who was asked refused' };
  if (!form.has('refuse')) {
    const email = form.get('email');
    const accountId = createHash('sha256').update(email).digest('hex');
    people.set(accountId, email);
    result = { login: { accountId } };
  }
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

const server = http.createServer();
server.listen(0, '127.0.0.1', async () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, await configuration());
  // Nobody knows the port of who is tested beforehand.
  provider.Client.prototype.redirectUriAllowed = (uri) => CALLBACK.test(uri);
  provider.on('server_error', (_, error) => console.error(error));
  const serve = provider.callback();
  server.on('request', (request, response) => {
    if (!request.url.startsWith('/interaction/')) serve(request, response);
    else interact(provider, request, response).catch((error) => response.writeHead(400).end(String(error)));
  });
  console.log(JSON.stringify({ issuer }));
});
process.stdin.resume();
process.stdin.on('end', () => process.exit());
