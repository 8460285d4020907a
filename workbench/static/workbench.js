// Pages work without this. It tells times as the reader's clock has them, and asks anew for what an open page shows when
// the server says that it has changed.
'use strict';
{
  const tell = (root) => {
    for (const el of root.querySelectorAll('time[datetime]:not([data-told])')) {
      const at = new Date(el.dateTime);
      if (isNaN(at)) continue;
      el.dataset.told = '';
      el.title = at.toLocaleString(undefined, { dateStyle: 'full', timeStyle: 'long' });
      if (el.hasAttribute('data-clock')) {
        const today = at.toDateString() === new Date().toDateString();
        el.textContent = at.toLocaleString(undefined, today ? { timeStyle: 'short' } : { dateStyle: 'medium', timeStyle: 'short' });
      }
    }
    for (const list of root.querySelectorAll('.lines')) days(list);
  };

  // days divides a transcript where the reader's days end, which are not the server's.
  const days = (list) => {
    for (const el of list.querySelectorAll('.day')) el.remove();
    let day;
    for (const line of [...list.children]) {
      const at = new Date(line.dataset.at);
      if (day === at.toDateString()) continue;
      day = at.toDateString();
      const el = document.createElement('li');
      el.className = 'day';
      el.textContent = at.toLocaleDateString(undefined, { dateStyle: 'full' });
      line.before(el);
    }
  };

  // An element with an id and data-live-url is asked for anew at that address when the stream at the address in data-live
  // says that something has changed: but not while somebody is filling it in.
  let source, last = 0, timer;
  const busy = (el) => [...el.querySelectorAll('input, textarea, select')].some((f) =>
    f === document.activeElement && f.type !== 'hidden' || f.value !== f.defaultValue && /^(text|textarea)/.test(f.type));

  // keepFocus remembers what has the focus in el, and returns what gives it to what stands in its place: the nearest part with
  // an id is found again, and in it the same of what can be pressed, unless it is called otherwise by then.
  const keepFocus = (el) => {
    const at = document.activeElement, pressable = 'a, button, summary, input, select, textarea';
    if (!el.contains(at)) return () => {};
    const { id } = at.closest('[id]'), inside = () => [...(document.getElementById(id)?.querySelectorAll(pressable) ?? [])];
    const nth = at.id ? -1 : inside().indexOf(at), called = at.textContent;
    return () => {
      const now = nth < 0 ? document.getElementById(at.id) : inside()[nth];
      if (nth < 0 || now?.textContent === called) now?.focus({ preventScroll: true });
    };
  };

  const swap = (el, fresh) => {
    const log = el.closest('.log'), before = log?.scrollHeight, was = log?.scrollTop;
    const open = [...el.querySelectorAll('details[open][id]')].map((d) => d.id);
    const refocus = keepFocus(el);
    const newest = (e) => [...e.querySelectorAll('.line-visitor')].at(-1);
    const told = newest(el)?.id, line = newest(fresh);
    el.replaceWith(fresh);
    for (const id of open) document.getElementById(id)?.setAttribute('open', '');
    refocus();
    if (log && was < -1) log.scrollTop = was - (log.scrollHeight - before); // what is being read stays where it is
    htmx.process(fresh);
    tell(fresh);
    const news = document.getElementById('news');
    if (news && line && line.id !== told) news.textContent = line.querySelector('.by strong').textContent + ': ' + line.querySelector('.said').textContent.trim();
  };

  const refresh = async () => {
    timer = undefined;
    last = Date.now();
    const live = [...document.querySelectorAll('[data-live-url][id]')];
    for (const url of new Set(live.map((el) => el.dataset.liveUrl))) {
      let page;
      try {
        const answer = await fetch(url, { headers: { 'Skein-Live': '1' } });
        if (!answer.ok || answer.redirected) continue;
        page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      } catch { continue; }
      for (const el of document.querySelectorAll(`[data-live-url="${CSS.escape(url)}"][id]`)) {
        const fresh = page.getElementById(el.id);
        if (fresh && busy(el)) soon();
        else if (fresh) swap(el, document.adoptNode(fresh));
      }
    }
  };
  const soon = () => { timer ??= setTimeout(refresh, Math.max(0, last + 1000 - Date.now())); };

  const listen = () => {
    source?.close();
    const live = document.querySelector('[data-live]');
    source = live ? new EventSource(live.dataset.live) : undefined;
    source?.addEventListener('changed', soon);
  };
  // Whoever begins a line with # and words is shown the quick replies that fit, to choose from.
  let asking;
  const suggest = async (box) => {
    const list = document.getElementById('suggestions'), words = /^#(\p{L}.*)/su.exec(box.value)?.[1];
    if (!words) { list.replaceChildren(); return; }
    const answer = await fetch(box.dataset.suggest + '?text=' + encodeURIComponent(words)).catch(() => undefined);
    if (answer?.ok && !answer.redirected) list.innerHTML = await answer.text();
  };
  document.addEventListener('input', (e) => {
    if (!e.target.dataset?.suggest) return;
    clearTimeout(asking);
    asking = setTimeout(suggest, 120, e.target);
  });

  addEventListener('pagehide', () => source?.close());
  document.addEventListener('htmx:load', (e) => tell(e.detail.elt));
  document.addEventListener('htmx:pushedIntoHistory', listen);
  document.addEventListener('htmx:historyRestore', listen);
  document.addEventListener('DOMContentLoaded', () => { tell(document); listen(); });
}

// What is marked data-insert is put into the text that was written in last, at its cursor, when it is pressed.
{
  let written;
  const offer = (root) => {
    for (const code of root.querySelectorAll('code[data-insert]')) {
      const button = document.createElement('button');
      button.type = 'button';
      button.className = 'quiet';
      button.textContent = code.textContent;
      button.addEventListener('click', () => {
        const into = written?.isConnected ? written : button.closest('form').querySelector('textarea');
        into.focus();
        into.setRangeText(button.textContent, into.selectionStart, into.selectionEnd, 'end');
        into.dispatchEvent(new Event('input', { bubbles: true }));
      });
      code.replaceWith(button);
    }
  };
  document.addEventListener('focusin', (e) => { if (e.target.tagName === 'TEXTAREA') written = e.target; });
  document.addEventListener('htmx:load', (e) => offer(e.detail.elt));
  document.addEventListener('DOMContentLoaded', () => offer(document));
}
