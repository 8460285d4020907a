// Where a person writes in a channel or a thread.
import { missing, read, write } from './command.js';
import { h, icon, icons } from './dom.js';
import { listbox } from './listbox.js';

const maxFile = 10 << 20; // bytes; the demonstration takes no more

/**
 * composer builds the form. say(text, target), order(text, options) and upload(file) do what the person asks and resolve to
 * whether it was done; target is the id of the message that is answered, if one is; order is given slash commands with the
 * options that were filled in. commands() are those that there are, suggest(text, option) resolves to what fits what was
 * typed of one; complain(text) tells people why something cannot be.
 */
export function composer({ label, say, order, upload, complain, commands, suggest }) {
  const area = h('textarea', {
    rows: 1,
    'aria-label': label,
    placeholder: label,
    oninput: () => ((send.disabled = !area.value.trim()), help()),
    onblur: () => list.hide(),
    onkeydown: (event) => {
      if (list.key(event) || event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      form.requestSubmit();
    },
  });
  const list = listbox(area, 'What can be given');
  let chosen = {}; // values of options by option and the label that stands for them
  let answered;
  const quote = h('p', { class: 'answering', hidden: true }, h('span', {}), h('button', { type: 'button', class: 'icon', 'aria-label': 'Answer nothing', onclick: () => answer() }, icon(icons.close)));
  const file = h('input', { type: 'file', hidden: true, 'aria-label': 'File to attach', onchange: () => take(file.files[0]) });
  const send = h('button', { class: 'send', 'aria-label': 'Send', disabled: true }, icon(icons.send));
  const form = h(
    'form',
    {
      class: 'say',
      onsubmit: async (event) => {
        event.preventDefault();
        const text = area.value;
        if (!text.trim()) return;
        const target = answered;
        area.value = '';
        send.disabled = true;
        list.hide();
        answer();
        if (!(await give(text, target)) && !area.value) {
          area.value = text;
          send.disabled = false;
        }
      },
    },
    list.element,
    quote,
    area,
    file,
    h('div', {}, h('button', { type: 'button', class: 'icon', 'aria-label': 'Attach a file', onclick: () => file.click() }, icon(icons.attach)), h('span', { class: 'hint' }), send),
  );

  // give sends a line, or a slash command where there are some. Two slashes begin a note.
  function give(text, target) {
    if (!commands() || !/^\/[^/]/.test(text)) return say(text, target);
    const { command, values } = read(text.trim(), commands());
    if (!command?.fields) return order(text);
    const options = {};
    for (const [name, value] of Object.entries(values ?? {})) if (value.trim()) options[name] = chosen[`${name}:${value.trim()}`] ?? value.trim();
    return order(command.name, options);
  }

  function put(text) {
    area.value = text;
    area.focus();
    area.dispatchEvent(new Event('input'));
  }

  // help lists what can follow what was typed: the command, its options, what one of them can be.
  let asked = 0;
  async function help() {
    const known = commands();
    const turn = ++asked;
    const { name, command, rest, values, typing } = known && !area.value.startsWith('//') ? read(area.value, known) : {};
    if (!name) return list.hide();
    if (rest === undefined) {
      const fit = known.filter((c) => c.name.startsWith(name.toLowerCase()) && !(c.name === name && !c.fields && !c.hint));
      return list.show(fit.map((c) => ({ label: c.hint ? `${c.name} ${c.hint}` : c.name, about: c.about, run: () => put(`${c.name} `) })));
    }
    if (!command || !typing) return list.hide();
    const value = values[typing.name].trim();
    if (chosen[`${typing.name}:${value}`] !== undefined) return more(command, values, value);
    if (typing.kind === 'line') return more(command, values, value);
    list.hide(); // what fitted before does not any more
    const fit = typing.kind === 'choice' ? typing.options.filter((o) => o.label.toLowerCase().includes(value.toLowerCase())) : await suggest(area.value, typing.name);
    if (turn !== asked) return undefined;
    return list.show(
      fit.map((option) => ({
        label: option.label,
        about: option.about,
        run: () => {
          const words = option.label.replaceAll(':', ' ').replace(/\s+/g, ' ').trim();
          chosen[`${typing.name}:${words}`] = option.value;
          put(write(command, { ...values, [typing.name]: words }));
        },
      })),
    );
  }

  // more lists the options that are left, once one has been chosen: Enter sends.
  function more(command, values, value) {
    const left = missing(command, values);
    if (!value || !left.length) return list.hide();
    const go = { label: `Send ${command.name}`, run: () => form.requestSubmit() };
    return list.show([go, ...left.map((field) => ({ label: `${field.name}:`, about: field.about, run: () => put(`${write(command, values)} ${field.name}:`) }))]);
  }

  function answer(id, name) {
    answered = id;
    quote.hidden = !id;
    quote.firstElementChild.textContent = name ?? '';
  }

  async function take(picked) {
    if (!picked) return;
    if (picked.size > maxFile) {
      complain('Files in this demonstration may have up to 10 MB. Nothing was sent.');
      return;
    }
    await upload(picked);
    file.value = '';
  }

  return {
    form,
    /** describe changes what the field is for and what is hinted beneath it. */
    describe(text, hint) {
      area.placeholder = text;
      area.setAttribute('aria-label', text);
      form.querySelector('.hint').textContent = hint;
    },
    /** answer makes the next line an answer to a message; without an id, to none. */
    answer(id, name) {
      answer(id, name && `Answer to ${name}`);
      if (id) area.focus();
    },
    focus: () => area.focus({ preventScroll: true }),
  };
}
