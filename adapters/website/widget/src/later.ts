type More = typeof import('./more');

let loading: Promise<More> | undefined;
let tries = 0;

/** more loads the second script, once. What could not be loaded is asked for again under an address of its own. */
export function more(): Promise<More> {
  const address = new URL(document.documentElement.dataset.more!, import.meta.url).href;
  loading ??= import(tries++ ? `${address}?${tries}` : address).catch((error) => {
    loading = undefined;
    throw error;
  });
  return loading!;
}
