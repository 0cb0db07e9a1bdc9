// What is said of an edit that the centre does not have.

import type { ChangeView, UnsentEditView, ValueView } from "../../lib/bindings";
import { ago } from "../../lib/format";
import * as m from "../../lib/paraglide/messages";
import { channelName, preferenceName, valueText } from "../../lib/words";

export const whose = ({ name }: UnsentEditView): string => name ?? m.unsent_nobody();

export const what = ({ change }: UnsentEditView): string =>
  change ? preferenceName(change.group, change.key) : m.unsent_no_record();

export const said = ({ group, key, input }: ChangeView, value: ValueView | null): string =>
  value === null ? m.unsent_no_value() : valueText(group, key, input, value);

const IN_A_SENTENCE = 40;

/** The same within a sentence, where a long text is cut: it stands in full below. */
export function quoted(change: ChangeView, value: ValueView | null): string {
  if (value === null) return m.unsent_no_value();
  const letters = [...said(change, value)];
  const cut = letters.length > IN_A_SENTENCE ? `${letters.slice(0, IN_A_SENTENCE).join("").trim()}…` : letters.join("");
  return m.unsent_quoted({ value: cut });
}

/** "Web shop, 2 days ago"; nothing where the centre does not say it. */
export function origin({ provenance }: ChangeView, now: number): string {
  if (!provenance) return "";
  const words = { channel: channelName(provenance.channel), when: ago(provenance.at, now) };
  return provenance.byAssociate ? m.origin_associate(words) : m.origin_line(words);
}

/** What is asked before something is let go of. */
export interface Drop {
  heading: string;
  text: string;
  keep: string;
  run: () => void;
}
