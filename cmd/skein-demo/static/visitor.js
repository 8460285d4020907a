// The shop knows its customers, as shops do: it tells the widget who is writing. Whoever opens the shop without a
// past here is the next of these people.
const people = [
  { name: 'Maya Holm', email: 'maya.holm@mail.example' },
  { name: 'Jonas Keller', email: 'jonas@keller.example' },
  { name: 'Priya Nair', email: 'priya.nair@mail.example' },
  { name: 'Tomás Vega', email: 'tomas@vega.example' },
  { name: 'Elin Sørby', email: 'elin.sorby@mail.example' },
  { name: 'Noor Haddad', email: 'noor@haddad.example' },
];
let number = Number(localStorage.getItem('demo-visitor') ?? sessionStorage.getItem('demo-next') ?? 0);
localStorage.setItem('demo-visitor', String(number));
sessionStorage.setItem('demo-next', String(number + 1));
window.skein = { profile: people[number % people.length], open: innerWidth > 480 };

// The widget leads to Telegram in a new tab. Here that is the client beside the shop, so the page is told instead.
const phone = { opener: null, close() {}, location: { set href(address) { parent.postMessage({ start: new URL(address).searchParams.get('start') }, location.origin); } } };
if (parent !== window) {
  document.addEventListener('load', ({ target }) => { if (target.contentWindow) target.contentWindow.open = () => phone; }, true);
}
