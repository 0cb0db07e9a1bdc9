/** A long press or a right click offers nothing: the webview's own menu could reload the window. Fields keep theirs. */
export function noMenu(event: MouseEvent): void {
  const inField = event.target instanceof HTMLElement && event.target.matches("input, textarea");
  if (!inField) event.preventDefault();
}
