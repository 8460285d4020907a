// Where a person writes in a channel or a thread.
import { h, icon, icons } from './dom.js';

const maxFile = 10 << 20; // bytes; the demonstration takes no more

/**
 * composer builds the form. say(text) and upload(file) do what the person asks and resolve to whether it was
 * done; complain(text) tells them why it cannot be.
 */
export function composer({ label, say, upload, complain }) {
  const area = h('textarea', {
    rows: 1,
    'aria-label': label,
    placeholder: label,
    oninput: () => (send.disabled = !area.value.trim()),
    onkeydown: (event) => {
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      form.requestSubmit();
    },
  });
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
        area.value = '';
        send.disabled = true;
        if (!(await say(text)) && !area.value) {
          area.value = text;
          send.disabled = false;
        }
      },
    },
    area,
    file,
    h('div', {}, h('button', { type: 'button', class: 'icon', 'aria-label': 'Attach a file', onclick: () => file.click() }, icon(icons.attach)), h('span', { class: 'hint' }), send),
  );

  async function take(chosen) {
    if (!chosen) return;
    if (chosen.size > maxFile) {
      complain('Files in this demonstration may have up to 10 MB. Nothing was sent.');
      return;
    }
    await upload(chosen);
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
    focus: () => area.focus({ preventScroll: true }),
  };
}
