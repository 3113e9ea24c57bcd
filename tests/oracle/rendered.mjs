// What build/render wrote: the messages of a channel, as it would send them.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const HERE = path.dirname(fileURLToPath(import.meta.url));
export const OUT = path.join(process.env.BUILD ?? path.join(HERE, '../../build'), 'oracle');

/** The messages of a channel: {name, plain, bytes, headers}; headers have lower-case names. */
export function messages(channel) {
  const dir = path.join(OUT, 'rendered', channel);
  const files = fs.readdirSync(dir).filter((file) => !file.endsWith('.headers')).sort();
  if (files.length < 6) throw new Error(`${dir} has only ${files.length} messages`);
  return files.map((file) => {
    const name = path.parse(file).name;
    const head = path.join(dir, `${name}.headers`);
    return { name, plain: name.endsWith('_plain'), bytes: fs.readFileSync(path.join(dir, file)), headers: headers(head) };
  });
}

function headers(file) {
  if (!fs.existsSync(file)) return {};
  const lines = fs.readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return Object.fromEntries(lines.map((line) => {
    const at = line.indexOf(': ');
    return [line.slice(0, at).toLowerCase(), line.slice(at + 2)];
  }));
}

/** The same, parsed. */
export function bodies(channel) {
  return messages(channel).map((message) => ({ ...message, body: JSON.parse(message.bytes.toString()) }));
}

/** The generic webhook says the subject and the text as they are: what the others must show. */
export function said(name) {
  return bodies('crm').find((message) => message.name === name.replace('_plain', '')).body.data;
}

/** A directory in the build directory from which the validators can be imported. */
export function workshop(name) {
  const dir = path.join(OUT, name);
  const link = path.join(dir, 'node_modules');
  fs.mkdirSync(dir, { recursive: true });
  fs.rmSync(link, { force: true });
  fs.symlinkSync(path.join(HERE, 'node_modules'), link);
  return dir;
}
