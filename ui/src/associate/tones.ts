// Short quiet tones for somebody who looks elsewhere: a customer has said yes, or something needs the associate. Whatever
// they tell is on the screen as well.

import type { AssociateView } from "../lib/bindings";

export type Tone = "yes" | "needed";

/** What is worth a tone when one view follows another. */
export function toneFor(before: AssociateView, after: AssociateView): Tone | null {
  const was = before.screen;
  const is = after.screen;
  const awaited = was.kind === "signIn" && was.stage === "awaitingScan";
  if (awaited && is.kind === "signIn" && (is.stage === "verifying" || is.stage === "match")) return "yes";

  const failed = is.kind === "failed" && was.kind !== "failed";
  const endsSoon = after.timesOut !== null && before.timesOut === null;
  const refused = after.queue.refused > before.queue.refused;
  return failed || endsSoon || refused ? "needed" : null;
}

/** In hertz, one note after the other: a yes rises, a need falls. */
const NOTES: Record<Tone, [number, number]> = { yes: [587, 880], needed: [659, 494] };
const LOUD = 0.06;
/** In seconds. */
const LENGTH = 0.16;
const SOFT = 0.02;
/** In milliseconds. A page that was never touched may not sound until it is, and by then the tone says nothing true. */
const STALE = 500;

async function sound(tone: Tone): Promise<void> {
  const context = new AudioContext();
  const asked = performance.now();
  await context.resume();
  if (performance.now() - asked > STALE) return context.close();

  const notes = NOTES[tone].map((pitch, at) => {
    const start = context.currentTime + at * LENGTH;
    const note = new OscillatorNode(context, { frequency: pitch });
    const volume = new GainNode(context, { gain: 0 });
    // Swells and fades, so that it does not click.
    volume.gain.setValueAtTime(0, start);
    volume.gain.linearRampToValueAtTime(LOUD, start + SOFT);
    volume.gain.linearRampToValueAtTime(0, start + LENGTH);
    note.connect(volume).connect(context.destination);
    note.start(start);
    note.stop(start + LENGTH);
    return note;
  });
  notes.at(-1)?.addEventListener("ended", () => void context.close());
}

export async function play(tone: Tone): Promise<void> {
  try {
    await sound(tone);
  } catch {
    // A till without a loudspeaker, or a webview without sound: all of it is on the screen.
  }
}
