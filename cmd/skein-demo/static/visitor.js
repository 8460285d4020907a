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
