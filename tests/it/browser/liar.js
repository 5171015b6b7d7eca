// A hostile OpenID provider: POST /lie chooses how it lies from then on, GET /seen says what it was asked for. It
// signs in at once, without a page. Ends with its standard input, so that it outlives no test.
const { createHash, randomUUID } = require('node:crypto');
const http = require('node:http');
const { setTimeout: sleep } = require('node:timers/promises');
const { CLIENT, JSON_TYPE, LIES, SECRET, pair, tell, tokens } = require('./liar_tokens');

const CALLBACK = /^http:\/\/127\.0\.0\.1:\d+\/sign-in\/openid\/callback$/;
const HONEST = { lie: 'none', email: 'ada@example.com', subject: 'subject-1' };

const state = { ...HONEST, issuer: undefined, keys: undefined };
const seen = { discovery: 0, jwks: 0, token: 0, userinfo: 0, elsewhere: 0 };
/** What a code, and then an access token, was given for. */
const [codes, granted] = [new Map(), new Map()];

const text = async (request) => Buffer.concat(await request.toArray()).toString();
const json = (status, body, headers = {}) => ({
  status, headers: { ...JSON_TYPE, ...headers }, body: JSON.stringify(body),
});
const plain = (status, body = '') => ({ status, headers: { 'Content-Type': 'text/plain' }, body });

/** Whether the client says who it is; both parts are encoded as in a form before they are joined. */
function known({ authorization = '' }, form) {
  if (state.lie === 'post_secret') return form.get('client_id') === CLIENT && form.get('client_secret') === SECRET;
  const [scheme, value = ''] = authorization.split(' ');
  const parts = Buffer.from(value, 'base64').toString().split(':');
  const [id, secret] = parts.map((part) => new URLSearchParams(`part=${part}`).get('part'));
  return scheme === 'Basic' && parts.length === 2 && id === CLIENT && secret === SECRET;
}

/** Sends the browser back at once, if what it was sent with is what a careful client asks. */
function authorize(query) {
  const asked = Object.fromEntries(query);
  const wrong = Object.entries({
    response_type: asked.response_type === 'code',
    client_id: asked.client_id === CLIENT,
    redirect_uri: CALLBACK.test(asked.redirect_uri),
    scope: asked.scope?.split(' ').includes('openid'),
    state: asked.state,
    nonce: asked.nonce,
    code_challenge: /^[\w-]{43}$/.test(asked.code_challenge),
    code_challenge_method: asked.code_challenge_method === 'S256',
  }).filter(([, right]) => !right).map(([name]) => name);
  if (wrong.length) return plain(400, `wrong or missing: ${wrong.join(', ')}`);
  const code = randomUUID();
  codes.set(code, asked);
  const to = new URL(asked.redirect_uri);
  to.searchParams.set('code', code);
  to.searchParams.set('state', asked.state);
  return { status: 302, headers: { Location: to.href }, body: '' };
}

/** Exchanges a code, once. What is wrong with the request is told in every mood; what is right may be lied to. */
async function exchange(request) {
  const form = new URLSearchParams(await text(request));
  if (!known(request.headers, form)) return json(401, { error: 'invalid_client' }, { 'WWW-Authenticate': 'Basic' });
  if (form.get('grant_type') !== 'authorization_code') return json(400, { error: 'unsupported_grant_type' });
  const grant = codes.get(form.get('code'));
  codes.delete(form.get('code'));
  const challenge = createHash('sha256').update(form.get('code_verifier') ?? '').digest('base64url');
  if (grant?.code_challenge !== challenge || grant.redirect_uri !== form.get('redirect_uri')) {
    return json(400, { error: 'invalid_grant' });
  }
  const accessToken = randomUUID();
  granted.set(accessToken, grant);
  const answer = tell(state, grant);
  const { status, headers, wait } = answer.token;
  // Who has gone away is not waited for, nor keeps this from ending.
  if (wait) await sleep(wait, null, { ref: false });
  return { status, headers, body: await tokens(answer, accessToken) };
}

/** What is known of who the access token was given for. */
function userinfo({ authorization = '' }) {
  const grant = granted.get(authorization.replace(/^Bearer /, ''));
  if (!grant) return json(401, { error: 'invalid_token' }, { 'WWW-Authenticate': 'Bearer error="invalid_token"' });
  return json(200, tell(state, grant).userinfo);
}

/** Chooses the lie, and forgets what went with the one before. */
async function choose(request) {
  const { lie, email, subject } = { ...HONEST, ...JSON.parse(await text(request)) };
  if (!Object.hasOwn(LIES, lie)) return plain(400, `no such lie: ${lie}`);
  Object.assign(state, { lie, email, subject });
  if (lie === 'rotated') state.keys.own = await pair();
  return { status: 204, headers: {} };
}

async function discovery() {
  const { status, wait, json: said } = tell(state).discovery;
  if (wait) await sleep(wait, null, { ref: false });
  return json(status, said);
}

const ROUTES = {
  'GET /.well-known/openid-configuration': [discovery, 'discovery'],
  'GET /jwks': [() => json(200, { keys: [state.keys.own.jwk] }), 'jwks'],
  'GET /authorize': [(_, query) => authorize(query)],
  'POST /token': [exchange, 'token'],
  'GET /userinfo': [({ headers }) => userinfo(headers), 'userinfo'],
  'POST /userinfo': [({ headers }) => userinfo(headers), 'userinfo'],
  'GET /elsewhere': [() => json(200, {}), 'elsewhere'],
  'POST /elsewhere': [() => json(200, {}), 'elsewhere'],
  'POST /lie': [choose],
  'GET /seen': [() => json(200, seen)],
};

async function serve(request, response) {
  const { pathname, searchParams } = new URL(request.url, state.issuer);
  const [handle, count] = ROUTES[`${request.method} ${pathname}`] ?? [() => plain(404, 'nothing is here')];
  if (count) seen[count] += 1;
  const { status, headers, body } = await handle(request, searchParams);
  response.writeHead(status, headers).end(body);
}

const server = http.createServer((request, response) => {
  serve(request, response).catch((error) => {
    console.error(error);
    response.writeHead(500).end(String(error));
  });
});
server.listen(0, '127.0.0.1', async () => {
  state.issuer = `http://127.0.0.1:${server.address().port}`;
  state.keys = { own: await pair(), stranger: await pair() };
  console.log(JSON.stringify({ issuer: state.issuer }));
});
process.stdin.resume();
process.stdin.on('end', () => process.exit());
