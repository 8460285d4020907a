// The form that a person has open, over their client. The rest of the client rests meanwhile; the others go on.
import { h } from './dom.js';
import { listbox } from './listbox.js';

/**
 * modal builds the dialog of a form. context: texts(form) the nodes of what it says; send(fields), close(), press(id) and
 * suggest(field, text) do what is asked, the first two resolving to whether it was done.
 */
export function modal(form, context) {
  const inputs = new Map((form.fields ?? []).map((field) => [field.name, kinds[field.kind](field, context)]));
  const values = () => Object.fromEntries([...inputs].map(([name, { value }]) => [name, value()]).filter(([, value]) => value !== undefined));
  const problem = h('p', { class: 'problem', role: 'alert', hidden: true });
  const title = h('h3', { id: `title-${form.id}` }, form.title);
  const sheet = h(
    'form',
    {
      class: 'sheet', role: 'dialog', 'aria-modal': 'true', 'aria-labelledby': title.id, novalidate: true,
      onkeydown: (event) => trap(event, sheet, context.close),
      onsubmit: async (event) => {
        event.preventDefault();
        const empty = (form.fields ?? []).find((field) => !field.optional && !inputs.get(field.name).value());
        const why = empty ? `Fill in “${empty.label}” first.` : await context.send(values());
        problem.textContent = why;
        problem.hidden = !why;
        if (empty) inputs.get(empty.name).input.focus();
      },
    },
    h('header', {}, title, h('button', { type: 'button', class: 'icon', 'aria-label': 'Close the form', onclick: context.close }, '×')),
    h('div', { class: 'fill' }, context.texts(form), ...[...inputs.values()].map(({ element }) => element), problem),
    h('footer', {}, form.close && h('button', { type: 'button', class: 'act', onclick: context.close }, form.close), form.submit && h('button', { class: 'act primary' }, form.submit)),
  );
  return h('div', { class: 'veil' }, sheet);
}

/** begin puts the focus where one begins. */
export function begin(veil) {
  const first = veil.querySelector('.fill input, .fill textarea, .fill select') ?? veil.querySelector('footer button:last-child');
  first?.focus();
  first?.select?.();
}

function trap(event, sheet, close) {
  if (event.key === 'Escape') {
    event.stopPropagation();
    close();
  }
  if (event.key !== 'Tab') return;
  const stops = [...sheet.querySelectorAll('button, input, textarea, select, a[href]')];
  const end = event.shiftKey ? stops[0] : stops.at(-1);
  if (document.activeElement !== end) return;
  event.preventDefault();
  (event.shiftKey ? stops.at(-1) : stops[0]).focus();
}

function labelled(field, input, ...beside) {
  const note = field.problem || field.about;
  return h(
    'label',
    { class: 'field' },
    h('span', {}, field.label, field.optional && h('small', {}, ' (optional)')),
    note && h('small', { class: field.problem ? 'wrong' : '' }, note),
    input,
    ...beside,
  );
}

function typed(tag) {
  return (field) => {
    const input = h(tag, { placeholder: field.hint, 'aria-required': String(!field.optional), rows: tag === 'textarea' && 4 });
    input.value = field.value ?? '';
    return { input, element: labelled(field, input), value: () => input.value };
  };
}

const kinds = {
  line: typed('input'),
  text: typed('textarea'),
  choice(field) {
    const input = h('select', {}, h('option', { value: '' }, field.hint || 'Choose'), (field.options ?? []).map((option) => h('option', { value: option.value }, option.label)));
    input.value = field.value ?? '';
    return { input, element: labelled(field, input), value: () => input.value || undefined };
  },
  search(field, context) {
    let value = field.value;
    let turn = 0;
    const input = h('input', {
      role: 'combobox', autocomplete: 'off', placeholder: field.hint || 'Type to look', 'aria-required': String(!field.optional),
      oninput: () => ((value = undefined), look(input.value)),
      onfocus: () => look(''),
      onblur: () => list.hide(),
      onkeydown: (event) => list.key(event),
    });
    const list = listbox(input, field.label);
    const choose = (option) => {
      value = option.value;
      input.value = option.label;
      list.hide();
    };
    async function look(text) {
      const mine = ++turn;
      list.hide(); // what fitted before does not any more
      const fit = await context.suggest(field.name, text);
      if (mine === turn && document.activeElement === input) list.show(fit.map((option) => ({ ...option, run: () => choose(option) })));
    }
    input.value = field.options?.find((option) => option.value === field.value)?.label ?? '';
    return { input, element: labelled(field, input, list.element), value: () => value };
  },
};
