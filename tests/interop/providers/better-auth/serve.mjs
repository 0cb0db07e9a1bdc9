// A retailer's identity service on better-auth: its OAuth provider with the device grant, two customers. It has no pages of
// its own, so these two do the least that its documentation asks of whoever builds them.
import http from "node:http";
import { oauthDeviceAuthorization, oauthProvider } from "@better-auth/oauth-provider";
import { betterAuth } from "better-auth";
import { memoryAdapter } from "better-auth/adapters/memory";
import { toNodeHandler } from "better-auth/node";
import { jwt } from "better-auth/plugins";

const [port, address, clientId, , codeLife] = process.argv.slice(2);
const PASSWORD = "lantern-harbour-42";
const customers = [
  ["ottoline", "Ottoline Featherstonehaugh"],
  ["casimir", "Casimir Wrzesniewski"],
];
const scopes = ["openid", "profile", "email", "offline_access"];

const tables = [
  "user", "session", "account", "verification", "jwks", "deviceCode", "rateLimit", "oauthClient", "oauthAccessToken",
  "oauthRefreshToken", "oauthConsent", "oauthResource", "oauthClientResource", "oauthClientAssertion",
];
const auth = betterAuth({
  baseURL: address,
  secret: "a secret of this run alone, which is in no other use",
  database: memoryAdapter(Object.fromEntries(tables.map((table) => [table, []]))),
  emailAndPassword: { enabled: true },
  disabledPaths: ["/token"],
  telemetry: { enabled: false },
  plugins: [
    jwt(),
    oauthProvider({ loginPage: "/device", consentPage: "/device", scopes, silenceWarnings: { openidConfig: true, oauthAuthServerConfig: true } }),
    oauthDeviceAuthorization({ verificationUri: "/device", expiresIn: `${codeLife}s`, interval: "2s" }),
  ],
});

const { adapter } = await auth.$context;
for (const [login, name] of customers) {
  await auth.api.signUpEmail({ body: { email: `${login}@example.com`, name, password: PASSWORD } });
}
await adapter.create({
  model: "oauthClient",
  data: {
    clientId,
    name: "Marram Northquay",
    public: true,
    tokenEndpointAuthMethod: "none",
    grantTypes: ["urn:ietf:params:oauth:grant-type:device_code", "refresh_token"],
    responseTypes: [],
    redirectUris: [],
    scopes,
    createdAt: new Date(),
    updatedAt: new Date(),
  },
});

const page = `<!doctype html><meta name="viewport" content="width=device-width"><title>Marram</title>
<form id="enter" hidden><input name="user_code"><button>Next</button></form>
<form id="sign-in"><input name="login"><input name="password" type="password"><button>Sign in</button></form>
<form id="decide" hidden><p>Marram Northquay shows the code <b></b></p><button value="approve">Yes</button><button value="deny">No</button></form>
<p id="done" hidden>Look at the till.</p>
<script type="module">
let code = new URLSearchParams(location.search).get("user_code");
const ask = async (path, body) => {
  const answer = await fetch("/api/auth" + path, body && { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(path + ": " + await answer.text());
};
const [enter, signIn, decide] = document.forms;
[enter.hidden, signIn.hidden] = [code !== null, code === null];
enter.onsubmit = (event) => {
  event.preventDefault();
  code = enter.user_code.value;
  [enter.hidden, signIn.hidden] = [true, false];
};
signIn.onsubmit = async (event) => {
  event.preventDefault();
  await ask("/sign-in/email", { email: signIn.login.value + "@example.com", password: signIn.password.value });
  await ask("/device?user_code=" + code);
  decide.querySelector("b").textContent = code;
  [signIn.hidden, decide.hidden] = [true, false];
};
decide.onsubmit = async (event) => {
  event.preventDefault();
  await ask("/device/" + event.submitter.value, { userCode: code });
  [decide.hidden, document.querySelector("#done").hidden] = [true, false];
};
</script>`;

const handle = toNodeHandler(auth);
http
  .createServer((request, response) => {
    const { pathname } = new URL(request.url, address);
    if (pathname === "/device") {
      response.setHeader("content-type", "text/html; charset=utf-8").end(page);
      return;
    }
    handle(request, response);
  })
  .listen(Number(port), "127.0.0.1");
