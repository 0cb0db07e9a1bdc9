// Time passing, for whatever counts down or says "2 minutes ago". It runs only while something on the screen reads it.

import { createSubscriber } from "svelte/reactivity";

function ticking(every: number): () => number {
  const subscribe = createSubscriber((update) => {
    const timer = setInterval(update, every);
    return () => clearInterval(timer);
  });
  return () => {
    subscribe();
    return Date.now();
  };
}

/** Now, to the second. */
export const second = ticking(1000);

/** Now, to half a minute. */
export const minute = ticking(30_000);
