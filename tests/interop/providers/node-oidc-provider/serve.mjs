// A retailer's identity service on node oidc-provider: its device grant, its own pages for development, two customers.
import Provider from "oidc-provider";

const [port, address, clientId, , codeLife] = process.argv.slice(2);
const customers = new Map([
  ["ottoline", { name: "Ottoline Featherstonehaugh", given_name: "Ottoline", family_name: "Featherstonehaugh", email: "ottoline@example.com" }],
  ["casimir", { name: "Casimir Wrzesniewski", given_name: "Casimir", family_name: "Wrzesniewski", email: "casimir@example.com" }],
]);

const provider = new Provider(address, {
  clients: [
    {
      client_id: clientId,
      client_name: "Marram Northquay",
      token_endpoint_auth_method: "none",
      grant_types: ["urn:ietf:params:oauth:grant-type:device_code", "refresh_token"],
      response_types: [],
      redirect_uris: [],
    },
  ],
  claims: { openid: ["sub"], profile: ["name", "given_name", "family_name"], email: ["email"] },
  ttl: { DeviceCode: Number(codeLife) },
  features: {
    deviceFlow: { enabled: true },
    revocation: { enabled: true },
  },
  findAccount: (_, id) => {
    const claims = customers.get(id);
    return claims && { accountId: id, claims: () => ({ sub: id, ...claims }) };
  },
});

provider.listen(Number(port), "127.0.0.1");
