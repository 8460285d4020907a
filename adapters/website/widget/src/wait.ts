const wakers = new Set<() => void>();

/** wake ends every pause: the network is back, or someone is looking again. */
export function wake(): void {
  for (const go of [...wakers]) go();
}

/** pause waits for the given milliseconds or until wake, whichever is first. */
export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      clearTimeout(timer);
      wakers.delete(go);
      resolve();
    };
    const timer = setTimeout(go, milliseconds);
    wakers.add(go);
  });
}

/** backoff is the pause in milliseconds before attempt n + 1: doubling from half a second to 30 s, half of it random. */
export function backoff(attempt: number): number {
  return Math.min(30_000, 500 * 2 ** attempt) * (0.5 + Math.random() / 2);
}
