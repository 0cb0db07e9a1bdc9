// The page that checks the till, in each state that a store will see.

import type { CheckLineView, CheckupView, FindingView, VerdictView } from "../lib/bindings";

const CHECKS = [
  "configuration",
  "dns",
  "tcp",
  "proxy",
  "clock",
  "tls",
  "discovery",
  "jwks",
  "algorithms",
  "device",
  "poll",
  "provider",
  "profile",
  "disk",
  "keyring",
  "database",
  "display",
  "scanner",
];

const WELL: Record<string, [string, string[]]> = {
  configuration: ["configuration_good", []],
  dns: ["dns_found", ["host id.example.com", "addresses 2"]],
  tcp: ["tcp_open", ["host id.example.com", "port 443"]],
  proxy: ["proxy_none", []],
  clock: ["clock_right", ["seconds_ahead 0", "leeway 60"]],
  tls: ["tls_trusted", ["days_left 71", "issued_by Let's Encrypt"]],
  discovery: ["discovery_read", ["pkce true", "revocation true", "user_info true"]],
  jwks: ["jwks_read", ["keys 2", "usable 2"]],
  algorithms: ["algorithms_fit", ["algorithms ES256 RS256"]],
  device: ["device_code_given", ["page_host id.example.com", "seconds 600", "interval 5", "complete_address true"]],
  poll: ["poll_pending", ["status 400", "error authorization_pending", "holds false"]],
  provider: ["provider_known", ["product keycloak"]],
  profile: ["profile_guarded", ["host profiles.example.com", "status 401"]],
  disk: ["disk_good", ["free_megabytes 48211"]],
  keyring: ["keyring_works", []],
  database: ["database_good", ["sqlite 3.50.4", "sqlcipher 4.10.0 community"]],
  display: ["display_good", ["screens 2", "smallest_width 1280", "smallest_height 800"]],
  scanner: ["scanner_found", ["scanners 1"]],
};

const finding = (
  verdict: VerdictView,
  code: string,
  facts: string[] = [],
  because: string | null = null,
): FindingView => ({
  verdict,
  code,
  facts,
  because,
});

/** A till that is well but for these. */
function lines(changed: Record<string, FindingView | null>): CheckLineView[] {
  return CHECKS.map((check) => {
    const [code, facts] = WELL[check] ?? [check, []];
    const found = changed[check];
    return { check, found: found === undefined ? finding("ok", code, facts) : found };
  });
}

const TEXT =
  "ok       configuration  configuration_good  The configuration can be used.\n" +
  "failed   tls            tls_expired         The certificate has expired. Renew it at the server. (days_left -3)\n";

/** The page in each state, by name. */
export function checkupSamples(): Record<string, CheckupView> {
  const scanner = finding("warning", "scanner_none", ["scanners 0"]);
  const behind = Object.fromEntries(
    CHECKS.slice(6, 13).map((check) => [check, finding("skipped", "not_tried", [], "tls")]),
  );
  const tls = finding("failed", "tls_expired", ["days_left -3", "issued_by Northquay Stores CA"]);
  const waiting = Object.fromEntries(CHECKS.slice(9, 13).map((check) => [check, null]));
  return {
    "checkup-well": { running: false, standing: "ok", first: null, lines: lines({}), text: TEXT },
    "checkup-warned": { running: false, standing: "warning", first: 17, lines: lines({ scanner }), text: TEXT },
    "checkup-failed": {
      running: false,
      standing: "failed",
      first: 5,
      lines: lines({ tls, scanner, ...behind }),
      text: TEXT,
    },
    "checkup-running": {
      running: true,
      standing: null,
      first: null,
      lines: lines({ ...waiting, keyring: null }),
      text: "",
    },
  };
}
