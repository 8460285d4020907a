// A slash command while it is typed: "/assign agent:Chloe". Pure functions; the composer lists what they find.

/** read takes a text apart: the command, if it is one, and the values of its options by name. */
export function read(text, commands) {
  const [, name, rest] = /^(\/[^\s]*)(?:\s([^]*))?$/.exec(text) ?? [];
  if (!name) return {};
  const command = commands.find((c) => c.name === name);
  if (!command || rest === undefined) return { name, command };
  const values = {};
  let at = command.fields?.[0]?.name;
  for (const word of rest.split(' ')) {
    const colon = word.indexOf(':');
    const named = colon > 0 && command.fields?.find((field) => field.name === word.slice(0, colon));
    if (named) at = named.name;
    if (!at) continue;
    const piece = named ? word.slice(colon + 1) : word;
    values[at] = values[at] === undefined ? piece : `${values[at]} ${piece}`;
  }
  return { name, command, rest, values, typing: command.fields?.find((field) => field.name === at) };
}

/** write puts a command together again. */
export function write(command, values) {
  return [command.name, ...Object.entries(values).map(([name, value]) => `${name}:${value}`)].join(' ');
}

/** missing are the options of a command that have not been given yet. */
export const missing = (command, values) => (command.fields ?? []).filter((field) => values[field.name] === undefined);
