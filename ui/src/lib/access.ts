// How a customer got in, and what is left of it when they have gone, in words.

import type { AccessLeftView, MethodView, ProofView } from "./bindings";
import { ago } from "./format";
import { formatTag } from "./locale.svelte";
import * as m from "./paraglide/messages";

const METHODS: Record<MethodView, () => string> = {
  passkey: m.proof_passkey,
  securityKey: m.proof_security_key,
  biometrics: m.proof_biometrics,
  password: m.proof_password,
  oneTimeCode: m.proof_one_time_code,
  phone: m.proof_phone,
  smartCard: m.proof_smart_card,
  otherService: m.proof_other_service,
};

/** "Signed in with a passkey, just now", as far as the identity service says it; nothing where it says nothing. */
export function proofText(proof: ProofView, now: number): string | null {
  const list = new Intl.ListFormat(formatTag(), { type: "conjunction" });
  const methods = list.format(proof.methods.map((method) => METHODS[method]()));
  if (proof.at === null) return methods === "" ? null : m.proof_by({ methods });
  const when = ago(proof.at, now);
  return methods === "" ? m.proof_when({ when }) : m.proof_by_when({ methods, when });
}

/** What is left of a customer's access. */
export function leftText(left: AccessLeftView): string {
  switch (left.kind) {
    case "queued":
      return m.left_queued();
    case "runsOut":
      return left.minutes === null ? m.left_runs_out() : m.left_runs_out_within({ count: left.minutes });
    case "notRevoked":
      return m.left_not_revoked();
  }
}
