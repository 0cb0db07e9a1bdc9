// Marks when a frame has been painted, for whoever measures: `cargo xtask bench` reads the marks.

export function painted(what: string): void {
  requestAnimationFrame(() => setTimeout(() => performance.mark(what)));
}
