// An OAuth server for tests, with Google's manners: see doc.go.
//
//   node server.mjs '{"users": ["shop@example.com"], "accessSeconds": 3600, "refreshSeconds": 0}'
//
// It prints one line of JSON when it listens, and ends with its standard input.
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';

import Provider from 'oidc-provider';

import { authorize } from './pages.mjs';

const config = JSON.parse(process.argv[2]);
const client = {
  client_id: `${randomBytes(8).toString('hex')}.apps.googleusercontent.com`,
  client_secret: `GOCSPX-${randomBytes(24).toString('base64url')}`,
};
const scopes = [
  'openid', 'email',
  'https://www.googleapis.com/auth/gmail.send', 'https://www.googleapis.com/auth/gmail.readonly',
];
const asked = { codes: 0, refreshes: 0, revocations: 0, refused: [] };
const issued = []; // Every code and token.
const owners = { users: config.users, grants: [] }; // A grant is {id, user, offline}.

process.stdin.on('end', () => process.exit()).resume();

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const url = `http://127.0.0.1:${server.address().port}`;
  const provider = newProvider(url);
  server.on('request', doors(provider));
  process.stdout.write(`${JSON.stringify({ url, ...client })}\n`);
});

function newProvider(url) {
  const provider = new Provider(url, {
    clients: [{
      ...client,
      application_type: 'native', // Any port of a loopback redirect will do (RFC 8252 section 7.3).
      redirect_uris: ['http://127.0.0.1/', 'http://localhost/', 'http://[::1]/'],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_post',
    }],
    pkce: { methods: ['S256'], required: () => true },
    scopes,
    claims: { openid: ['sub'], email: ['email', 'email_verified'] },
    conformIdTokenClaims: false, // The ID token has the address, as Google's has.
    extraParams: ['access_type'],
    findAccount: (_, id) => config.users.includes(id)
      ? { accountId: id, claims: () => ({ sub: id, email: id, email_verified: true }) } : undefined,
    // Google gives one for access_type=offline, and knows no offline_access.
    issueRefreshToken: (_, __, code) => owners.grants.some((grant) => grant.id === code.grantId && grant.offline),
    rotateRefreshToken: true,
    expiresWithSession: () => false,
    ttl: {
      AccessToken: config.accessSeconds, AuthorizationCode: 600, Grant: 86400 * 365, IdToken: 3600, Interaction: 600,
      RefreshToken: config.refreshSeconds || 86400 * 180, Session: 86400,
    },
    features: { devInteractions: { enabled: false }, revocation: { enabled: true }, rpInitiatedLogout: { enabled: false } },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    routes: { authorization: '/auth', token: '/token', revocation: '/revoke', userinfo: '/userinfo' },
    cookies: { keys: [randomBytes(16).toString('hex')] },
    renderError: (ctx, out) => {
      ctx.type = 'html';
      ctx.body = `<!doctype html><p id="error">${out.error}: ${out.error_description}`;
    },
  });
  provider.use(async (ctx, next) => {
    await next();
    if (ctx.path === '/token' && ctx.body?.refresh_token && config.refreshSeconds) {
      ctx.body.refresh_token_expires_in = config.refreshSeconds; // Google's own field.
    }
  });
  provider.on('grant.success', (ctx) => { asked[ctx.oidc.params.grant_type === 'refresh_token' ? 'refreshes' : 'codes'] += 1; });
  provider.on('grant.error', (ctx, err) => refused(ctx.oidc?.params?.grant_type, err));
  provider.on('authorization.error', (ctx, err) => refused('authorization', err));
  for (const kind of ['authorization_code', 'access_token', 'refresh_token']) {
    provider.on(`${kind}.saved`, ({ jti }) => issued.push(jti)); // Its name is its value.
  }
  provider.on('server_error', (ctx, err) => process.stderr.write(`${err.stack}\n`));
  return provider;
}

function refused(what = '', err) {
  asked.refused.push({ what, error: err.error, reason: err.error_detail ?? err.error_description ?? '' });
}

// doors sends each request where it belongs.
function doors(provider) {
  const oauth = provider.callback();
  return async (req, res) => {
    const url = new URL(req.url, 'http://127.0.0.1');
    try {
      if (url.pathname.startsWith('/admin/')) {
        await admin(provider, url.pathname, req, res);
      } else if (url.pathname.startsWith('/interaction/')) {
        await authorize(provider, owners, await form(req), req, res);
      } else if (url.pathname === '/auth' && !url.searchParams.get('state')) {
        refused('authorization', { error: 'invalid_request', error_detail: 'state is missing' });
        res.writeHead(400, { 'content-type': 'text/html' }).end('<!doctype html><p id="error">invalid_request: state is missing');
      } else if (url.pathname === '/revoke') {
        await revoke(provider, oauth, req, res);
      } else {
        oauth(req, res);
      }
    } catch (err) {
      process.stderr.write(`${err.stack}\n`);
      res.writeHead(500, { 'content-type': 'text/html' }).end('<!doctype html><p id="error">the test server failed: see its stderr');
    }
  };
}

// revoke takes a token without the client's word, and says invalid_token of one
// that is not valid any more: both are Google's way, and not RFC 7009's.
async function revoke(provider, oauth, req, res) {
  const { token } = await form(req);
  if (!await find(provider, token)) {
    res.writeHead(400, { 'content-type': 'application/json' })
      .end('{"error":"invalid_token","error_description":"Token expired or revoked"}');
    return;
  }
  asked.revocations += 1;
  req.body = { token, ...client };
  oauth(req, res);
}

async function find(provider, token = '') {
  return await provider.RefreshToken.find(token) ?? await provider.AccessToken.find(token);
}

// admin is for the tests themselves.
async function admin(provider, path, req, res) {
  const answer = (status, body) => res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  const { user, token } = await form(req);
  switch (path) {
    case '/admin/asked':
      return answer(200, asked);
    case '/admin/issued':
      return answer(200, issued);
    case '/admin/whose': // Whom an access token opens.
      return answer(200, { user: (await provider.AccessToken.find(token ?? ''))?.accountId ?? '' });
    case '/admin/kill': // All that a user has consented to.
      for (const { id } of owners.grants.filter((grant) => grant.user === user)) {
        await Promise.all([provider.AccessToken, provider.RefreshToken, provider.AuthorizationCode].map((kind) => kind.revokeByGrantId(id)));
        await provider.Grant.adapter.destroy(id);
      }
      return answer(owners.users.includes(user) ? 200 : 404, {});
    default:
      return answer(404, {});
  }
}

// form reads what a form has sent: a list where a name comes more than once.
async function form(req) {
  let body = '';
  for await (const chunk of req) body += chunk;
  const values = {};
  for (const [name, value] of new URLSearchParams(body)) {
    values[name] = name in values ? [].concat(values[name], value) : value;
  }
  return values;
}
