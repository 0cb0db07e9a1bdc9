// Waiting that is worth a word. What is usually there at once shows nothing of having been waited for, so that nothing
// flashes; what lasts longer than a moment says so.

export const MOMENT = 150;

/** Whether this has been waited for longer than a moment. To be asked for while a component is made. */
export function lasting(waiting: () => boolean): () => boolean {
  let late = $state(false);
  const waits = $derived(waiting());
  $effect(() => {
    if (!waits) return;
    const timer = setTimeout(() => (late = true), MOMENT);
    return () => {
      clearTimeout(timer);
      late = false;
    };
  });
  return () => waits && late;
}
