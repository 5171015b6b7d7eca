// What the hostile provider says: an honest answer, and how each lie departs from it.
const { randomUUID } = require('node:crypto');
const jose = require('jose');

const CLIENT = 'keyledger';
const SECRET = 'a secret of the tests';
const MINUTE = 60;
const JSON_TYPE = { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' };

let made = 0;

/** A new pair of keys under a name that none had before. */
async function pair() {
  const { publicKey, privateKey } = await jose.generateKeyPair('RS256', { extractable: true });
  made += 1;
  const kid = `key-${made}`;
  const jwk = { ...await jose.exportJWK(publicKey), kid, alg: 'RS256', use: 'sig' };
  return { kid, privateKey, jwk, pem: await jose.exportSPKI(publicKey) };
}

const bytes = (text) => new TextEncoder().encode(text);

/**
 * What there is to say honestly to somebody with `grant`, which a lie then changes: the discovery document, the claims
 * and the signing of the ID token, the answer that brings it, and what the UserInfo endpoint knows.
 */
function honest({ issuer, keys, email, subject }, grant = {}) {
  const now = Math.floor(Date.now() / 1000);
  const person = { sub: subject, email, email_verified: true };
  return {
    issuer,
    keys,
    discovery: { status: 200, wait: 0, json: discovery(issuer) },
    claims: { iss: issuer, aud: CLIENT, iat: now, exp: now + 5 * MINUTE, nonce: grant.nonce, ...person },
    header: { alg: 'RS256', kid: keys.own.kid },
    key: keys.own.privateKey,
    userinfo: { ...person },
    // What of it is left undefined is made of the rest, when the lie is told.
    token: { status: 200, headers: JSON_TYPE, wait: 0, extra: {}, body: undefined },
  };
}

const discovery = (issuer) => ({
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  userinfo_endpoint: `${issuer}/userinfo`,
  jwks_uri: `${issuer}/jwks`,
  response_types_supported: ['code'],
  grant_types_supported: ['authorization_code'],
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['RS256'],
  token_endpoint_auth_methods_supported: ['client_secret_basic'],
  code_challenge_methods_supported: ['S256'],
  scopes_supported: ['openid', 'email', 'profile'],
  claims_supported: ['sub', 'email', 'email_verified'],
});

/** Takes claims out of both places. */
const without = (...names) => ({ claims, userinfo }) => {
  for (const name of names) {
    delete claims[name];
    delete userinfo[name];
  }
};

/** Signs as with a secret that both sides know. */
function hmac(answer, secret) {
  answer.header.alg = 'HS256';
  answer.key = bytes(secret);
}

const OTHER = 'http://127.0.0.1:1';

/** Each changes the honest answer. */
const LIES = {
  none: () => {},
  nonce: ({ claims }) => { claims.nonce = 'another nonce'; },
  no_nonce: ({ claims }) => { delete claims.nonce; },
  audience: ({ claims }) => { claims.aud = 'another client'; },
  more_audiences: ({ claims }) => { claims.aud = [CLIENT, 'another client']; },
  issuer: ({ claims }) => { claims.iss = OTHER; },
  expired: ({ claims }) => { claims.iat -= 65 * MINUTE; claims.exp -= 65 * MINUTE; },
  signature: (answer) => { answer.key = answer.keys.stranger.privateKey; },
  unknown_key: (answer) => {
    answer.key = answer.keys.stranger.privateKey;
    answer.header.kid = answer.keys.stranger.kid;
  },
  none_alg: ({ header }) => { header.alg = 'none'; },
  hmac: (answer) => hmac(answer, SECRET),
  hmac_public_key: (answer) => hmac(answer, answer.keys.own.pem),
  unverified: ({ claims, userinfo }) => { claims.email_verified = userinfo.email_verified = false; },
  no_verified: without('email_verified'),
  no_email: without('email', 'email_verified'),
  userinfo_other_subject: ({ claims, userinfo }) => {
    delete claims.email;
    delete claims.email_verified;
    userinfo.sub = `not ${userinfo.sub}`;
  },
  no_id_token: ({ token }) => { token.extra.id_token = undefined; },
  not_json: ({ token }) => {
    token.headers = { 'Content-Type': 'text/html' };
    token.body = '<!doctype html><title>No JSON</title><p>This is a page.';
  },
  // Good but for its size.
  huge: ({ token }) => { token.extra.padding = 'x'.repeat(8 << 20); },
  slow: ({ token }) => { token.wait = MINUTE * 1000; },
  error: ({ token }) => Object.assign(token, { status: 400, body: JSON.stringify({ error: 'invalid_grant' }) }),
  invalid_client: ({ token }) => Object.assign(token, { status: 401, body: JSON.stringify({ error: 'invalid_client' }) }),
  redirect: ({ token, issuer }) => {
    Object.assign(token, { status: 302, headers: { Location: `${issuer}/elsewhere` }, body: '' });
  },
  // The keys are others since this was chosen; what is said is honest.
  rotated: () => {},
  discovery_down: ({ discovery: said }) => Object.assign(said, { status: 503, json: { error: 'unavailable' } }),
  // Honest, but for how some write it.
  verified_text: ({ claims, userinfo }) => { claims.email_verified = userinfo.email_verified = 'true'; },
  // Takes the client's secret in the form only.
  post_secret: ({ discovery: { json } }) => { json.token_endpoint_auth_methods_supported = ['client_secret_post']; },
  // Names what nobody can trust, on a network that is kept for documents.
  no_tls: ({ discovery: { json } }) => { json.token_endpoint = 'http://192.0.2.1/token'; },
  discovery_slow: ({ discovery: said }) => { said.wait = MINUTE * 1000; },
  discovery_issuer: ({ discovery: { json } }) => { json.issuer = OTHER; },
};

/** The ID token that an answer brings. */
async function signed({ claims, header, key }) {
  if (header.alg !== 'none') return new jose.SignJWT(claims).setProtectedHeader(header).sign(key);
  const part = (json) => jose.base64url.encode(JSON.stringify(json));
  return `${part(header)}.${part(claims)}.`;
}

/** The body of the token endpoint, with what makes it one that works. */
async function tokens(answer, accessToken = randomUUID()) {
  const { body, extra } = answer.token;
  if (body !== undefined) return body;
  return JSON.stringify({
    access_token: accessToken, token_type: 'Bearer', expires_in: 5 * MINUTE, id_token: await signed(answer), ...extra,
  });
}

/** What is said to somebody with `grant` while `state` says how to lie. */
function tell(state, grant) {
  const answer = honest(state, grant);
  LIES[state.lie](answer);
  return answer;
}

module.exports = { CLIENT, JSON_TYPE, LIES, SECRET, pair, tell, tokens };
