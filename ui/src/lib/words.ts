// What keys and codes are called. The app sends keys; each has its words here, and one that this version does not know
// is shown as it is written, with its underscores taken out.

import type {
  AuthorView,
  ConfigurationProblem,
  ConsentStateView,
  DoubtView,
  EditProgressView,
  ExpectedView,
  FailureView,
  PreferenceInput,
  ProblemCode,
  RoleView,
  ScopeView,
  StandingView,
  ValueView,
} from "./bindings";
import { languageName, list } from "./format";
import * as m from "./paraglide/messages";

type Word = () => string;

export function word(words: Record<string, Word>, key: string): string {
  const known = Object.hasOwn(words, key) ? words[key] : undefined;
  return known ? known() : humanised(key);
}

/** "quiet_hour" as "Quiet hour". */
export function humanised(key: string): string {
  const text = key.replace(/[_-]+/g, " ").trim();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const PROBLEMS: Record<ProblemCode, Word> = {
  locked: m.problem_locked,
  pinFormat: m.problem_pin_format,
  noName: m.problem_no_name,
  badEmail: m.problem_bad_email,
  badPhone: m.problem_bad_phone,
  noContact: m.problem_no_contact,
  notAgreed: m.problem_not_agreed,
  cardNumber: m.problem_card_number,
  notAllowed: m.problem_not_allowed,
  noMemory: m.problem_no_memory,
  badIssuer: m.problem_bad_issuer,
  providerUnreachable: m.problem_provider_unreachable,
  notAProvider: m.problem_not_a_provider,
  noDeviceGrant: m.problem_no_device_grant,
  cannotWriteConfiguration: m.problem_cannot_write,
  embeddedFailed: m.problem_embedded_failed,
  internal: m.problem_internal,
};

/** A problem in one sentence that says what to do. */
export const problemText = (code: ProblemCode): string => (PROBLEMS[code] ?? m.problem_internal)();

const CONFIGURATION: Record<ConfigurationProblem, { what: Word; expected: Word }> = {
  unreadable: { what: m.bad_unreadable, expected: m.bad_expected_file },
  notToml: { what: m.bad_not_toml, expected: m.bad_expected_toml },
  unknownKey: { what: m.bad_unknown_key, expected: m.bad_expected_known },
  missingKey: { what: m.bad_missing_key, expected: m.bad_expected_present },
  wrongKind: { what: m.bad_wrong_kind, expected: m.bad_expected_kind },
  unknownValue: { what: m.bad_unknown_value, expected: m.bad_expected_kind },
  embeddedElsewhere: { what: m.bad_embedded_elsewhere, expected: m.bad_expected_here },
  badUrl: { what: m.bad_bad_url, expected: m.bad_expected_url },
  insecureIssuer: { what: m.bad_insecure_issuer, expected: m.bad_expected_https },
  badProxy: { what: m.bad_bad_proxy, expected: m.bad_expected_proxy },
  badCertificates: { what: m.bad_bad_certificates, expected: m.bad_expected_pem },
  badPointer: { what: m.bad_pointer, expected: m.bad_expected_pointer },
};

/** What is wrong with a configuration. */
export const configurationText = (code: ConfigurationProblem): string => CONFIGURATION[code].what();

/** What the configuration should have had there. */
export function expectedText(code: ConfigurationProblem, expected: ExpectedView | null): string {
  switch (expected?.kind) {
    case undefined:
      return CONFIGURATION[code].expected();
    case "text":
      return m.bad_expected_text();
    case "flag":
      return m.bad_expected_flag();
    case "address":
      return m.bad_expected_url();
    case "section":
      return m.bad_expected_section();
    case "seconds":
      return m.bad_expected_seconds({ most: expected.most });
    case "texts":
      return m.bad_expected_texts();
    case "days":
      return m.bad_expected_days({ most: expected.most });
    case "hosts":
      return m.bad_expected_hosts();
    case "country":
      return m.bad_expected_country();
    case "oneOf":
      return m.bad_expected_one_of({ keys: expected.keys.join(", ") });
  }
}

const ROLES: Record<RoleView, Word> = {
  associate: m.role_associate,
  manager: m.role_manager,
  it: m.role_it,
};

/** What somebody is at the till. */
export const roleText = (role: RoleView): string => ROLES[role]();

/** What the associate can do about a failure. */
export type NextAction = "signIn" | "dismiss";

const FAILURES: Record<FailureView, { title: Word; how: Word; action: Word; next: NextAction }> = {
  declined: { title: m.failed_declined, how: m.failed_declined_how, action: m.retry, next: "signIn" },
  denied: { title: m.failed_denied, how: m.failed_denied_how, action: m.to_start, next: "dismiss" },
  expired: { title: m.failed_expired, how: m.failed_expired_how, action: m.failed_new_code, next: "signIn" },
  unreachable: { title: m.failed_unreachable, how: m.failed_unreachable_how, action: m.retry, next: "signIn" },
  refused: { title: m.failed_refused, how: m.failed_refused_how, action: m.to_start, next: "dismiss" },
  notTrusted: { title: m.failed_not_trusted, how: m.failed_not_trusted_how, action: m.retry, next: "signIn" },
  noProfile: { title: m.failed_no_profile, how: m.failed_no_profile_how, action: m.retry, next: "signIn" },
  matchTimedOut: {
    title: m.failed_match_timed_out,
    how: m.failed_match_timed_out_how,
    action: m.failed_start_again,
    next: "signIn",
  },
};

/** A failure: its sentence for the associate, and the one next action. */
export function failure(why: FailureView): { title: string; how: string; action: string; next: NextAction } {
  const { title, how, action, next } = FAILURES[why];
  return { title: title(), how: how(), action: action(), next };
}

const DOUBTS: Record<DoubtView, Word> = {
  signature: m.doubt_signature,
  issuer: m.doubt_issuer,
  audience: m.doubt_audience,
  time: m.doubt_time,
  subject: m.doubt_subject,
  other: m.doubt_other,
};

/** What could not be trusted, for store IT. */
export const doubtText = (doubt: DoubtView): string => DOUBTS[doubt]();

const GROUPS: Record<string, Word> = {
  sizes: m.group_sizes,
  style: m.group_style,
  contact: m.group_contact,
  care: m.group_care,
};

/** Groups whose keys say nothing to a person: each of their preferences is called the same. */
const KINDS_OF_NOTE: Record<string, Word> = { notes: m.notes_note, tags: m.notes_tag };

const PREFERENCES: Record<string, Word> = {
  "sizes.top": m.pref_sizes_top,
  "sizes.trousers": m.pref_sizes_trousers,
  "sizes.shoes": m.pref_sizes_shoes,
  "style.fit": m.pref_style_fit,
  "style.colours": m.pref_style_colours,
  "style.materials_avoided": m.pref_style_materials_avoided,
  "contact.channel": m.pref_contact_channel,
  "contact.language": m.pref_contact_language,
  "contact.time": m.pref_contact_time,
  "care.allergies": m.pref_care_allergies,
  "care.accessibility": m.pref_care_accessibility,
  "care.note": m.pref_care_note,
};

const OPTIONS: Record<string, Word> = {
  slim: m.option_slim,
  regular: m.option_regular,
  relaxed: m.option_relaxed,
  navy: m.option_navy,
  sand: m.option_sand,
  sage: m.option_sage,
  black: m.option_black,
  white: m.option_white,
  rust: m.option_rust,
  sea_blue: m.option_sea_blue,
  mustard: m.option_mustard,
  plum: m.option_plum,
  acid_lime: m.option_acid_lime,
  wool: m.option_wool,
  leather: m.option_leather,
  down: m.option_down,
  polyester: m.option_polyester,
  latex: m.option_latex,
  nickel: m.option_nickel,
  fragrance: m.option_fragrance,
  email: m.option_email,
  sms: m.option_sms,
  phone: m.option_phone,
  post: m.option_post,
  morning: m.option_morning,
  afternoon: m.option_afternoon,
  evening: m.option_evening,
  step_free_access: m.option_step_free_access,
  fitting_room_seat: m.option_fitting_room_seat,
  large_print: m.option_large_print,
  hearing_loop: m.option_hearing_loop,
  quiet_hour: m.option_quiet_hour,
};

export const groupName = (group: string): string => word(GROUPS, group);

export function preferenceName(group: string, key: string): string {
  const known = PREFERENCES[`${group}.${key}`] ?? KINDS_OF_NOTE[group];
  return known ? known() : humanised(key);
}

/** An option of a preference. Sizes such as "XL" stay as they are; languages are called by their names. */
export function optionName(group: string, key: string, option: string): string {
  if (group === "contact" && key === "language") return languageName(option);
  if (!/^[a-z]/.test(option)) return option;
  return word(OPTIONS, option);
}

/** A value as a person reads it. */
export function valueText(group: string, key: string, input: PreferenceInput, value: ValueView): string {
  if (typeof value === "boolean") return value ? m.pref_yes() : m.pref_no();
  return list(
    (Array.isArray(value) ? value : [value]).map((option) =>
      input.kind === "text" ? option : optionName(group, key, option),
    ),
  );
}

const CHANNELS: Record<string, Word> = {
  web: m.channel_web,
  app: m.channel_app,
  store: m.channel_store,
  social: m.channel_social,
  other: m.channel_other,
};
export const channelName = (channel: string): string => word(CHANNELS, channel);

const KINDS: Record<string, Word> = {
  purchase: m.activity_purchase,
  return: m.activity_return,
  visit: m.activity_visit,
  view: m.activity_view,
  wishlist: m.activity_wishlist,
  review: m.activity_review,
  social: m.activity_social,
  service: m.activity_service,
  other: m.activity_other,
};
export const kindName = (kind: string): string => word(KINDS, kind);

const PROVIDERS: Record<string, Word> = {
  password: m.provider_password,
  passkey: m.provider_passkey,
  phone: m.provider_phone,
  google: m.provider_google,
  facebook: m.provider_facebook,
  apple: m.provider_apple,
  microsoft: m.provider_microsoft,
  other: m.provider_other,
};
export const providerName = (provider: string): string => word(PROVIDERS, provider);

const PURPOSES: Record<string, Word> = {
  email_marketing: m.consent_email_marketing,
  sms_marketing: m.consent_sms_marketing,
  personalisation: m.consent_personalisation,
  ad_networks: m.consent_ad_networks,
  remember_at_store: m.consent_remember_at_store,
  other: m.consent_other,
};
export const purposeName = (purpose: string): string => word(PURPOSES, purpose);

const CONSENTS: Record<ConsentStateView, Word> = {
  given: m.consent_given,
  withdrawn: m.consent_withdrawn,
  neverAsked: m.consent_never,
};
export const consentName = (state: ConsentStateView): string => CONSENTS[state]();

const SCOPES: Record<ScopeView, Word> = {
  contact: m.scope_contact,
  preferences: m.scope_preferences,
  activity: m.scope_activity,
  loyalty: m.scope_loyalty,
};
export const scopeName = (scope: ScopeView): string => SCOPES[scope]();

const AUTHORS: Record<AuthorView, Word> = {
  customer: m.consent_by_customer,
  associate: m.consent_by_associate,
  other: m.consent_by_other,
};
export const authorName = (author: AuthorView): string => AUTHORS[author]();

const PROGRESS: Record<EditProgressView, Word> = {
  saving: m.progress_saving,
  waiting: m.progress_waiting,
  sent: m.progress_sent,
  notSaved: m.progress_not_saved,
  refused: m.progress_refused,
};
export const progressText = (progress: EditProgressView): string => PROGRESS[progress]();

const STANDINGS: Record<StandingView, Word> = {
  waiting: m.unsent_waiting,
  needsSignIn: m.unsent_needs_sign_in,
  conflict: m.unsent_which,
  overtaken: m.unsent_overtaken,
  badValue: m.unsent_bad_value,
  notAllowed: m.unsent_not_allowed,
  noCustomer: m.unsent_no_customer,
  notOffered: m.unsent_not_offered,
  refused: m.unsent_refused,
  unreadable: m.unsent_unreadable,
};
/** Why the centre does not have an edit. */
export const standingText = (standing: StandingView): string => STANDINGS[standing]();
