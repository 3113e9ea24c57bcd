// Discord's published OpenAPI description, over each message: strict, so that a key it does not know is a fault.
import assert from 'node:assert';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { pathToFileURL } from 'node:url';
import { bodies, HERE, workshop } from './rendered.mjs';

const { IncomingWebhookRequestPartialSchema: request } = await strict();

// The package can be made strict only before it is read.
async function strict() {
  const source = fs.readFileSync(path.join(HERE, 'node_modules/discord-api-spec/build/discord-api-spec.zod.js'), 'utf8');
  const file = path.join(workshop('discord'), 'strict.mjs');
  const changed = source.replace('let zObject = z.object;', 'let zObject = z.strictObject;');
  assert.notEqual(changed, source);
  fs.writeFileSync(file, changed);
  return import(pathToFileURL(file));
}

test('every message is a webhook request that mentions nobody', () => {
  for (const { name, body } of bodies('discord')) {
    const result = request.safeParse(body);
    assert.ok(result.success, `${name}: ${JSON.stringify(result.error?.issues)}`);
    assert.deepEqual(body.allowed_mentions, { parse: [] }, name);
  }
});

test('a message that is none is noticed', () => {
  const right = { content: 'x', allowed_mentions: { parse: [] }, embeds: [{ description: 'x', color: 1 }] };
  assert.ok(request.safeParse(right).success);
  for (const wrong of [
    { ...right, content: 'x'.repeat(2001) },
    { ...right, contents: 'x' },
    { ...right, embeds: [{ description: 'x'.repeat(4097) }] },
    { ...right, embeds: [{ descriptions: 'x' }] },
    { ...right, allowed_mentions: { parse: ['nobody'] } },
  ]) assert.ok(!request.safeParse(wrong).success, JSON.stringify(wrong).slice(0, 80));
});
