// The types that Slack, Google and Telegram (and those who read their references) publish, over each message.
import assert from 'node:assert';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import ts from 'typescript';
import { bodies, HERE, workshop } from './rendered.mjs';

// KnownBlock alone: the published union takes any object with a type. mrkdwn: Slack's page on formatting has it for
// webhooks too, their types do not.
const PRELUDE = `
import type { IncomingWebhookSendArguments } from '@slack/webhook';
import type { KnownBlock } from '@slack/types';
import type { chat_v1 } from '@googleapis/chat';
import type { SendMessageParams } from '@gramio/types';
type slack = Omit<IncomingWebhookSendArguments, 'blocks' | 'attachments'> &
  { blocks?: KnownBlock[]; mrkdwn?: boolean };
type googlechat = chat_v1.Schema$Message;
type telegram = SendMessageParams;
`;

function complaints(messages) {
  const file = path.join(workshop('types'), 'messages.ts');
  const lines = messages.map(({ type, body }, i) => `export const m${i}: ${type} = ${JSON.stringify(body)};`);
  fs.writeFileSync(file, PRELUDE + lines.join('\n'));
  const program = ts.createProgram([file], {
    noEmit: true, strict: true, skipLibCheck: true, types: ['node'], typeRoots: [path.join(HERE, 'node_modules/@types')],
    target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext,
  });
  return ts.getPreEmitDiagnostics(program).map((d) => {
    const line = d.file?.getLineAndCharacterOfPosition(d.start).line - PRELUDE.split('\n').length + 1;
    return `${messages[line]?.name ?? d.file?.fileName}: ${ts.flattenDiagnosticMessageText(d.messageText, ' ')}`;
  });
}

test('every message has the type of its target', () => {
  const all = ['slack', 'googlechat', 'telegram'].flatMap((type) => bodies(type).map((m) => ({ ...m, type, name: `${type}/${m.name}` })));
  assert.deepEqual(complaints(all), []);
});

test('a message that has not is noticed', () => {
  const wrong = [
    { type: 'slack', body: { text: 'x', colour: 'red' } },
    { type: 'slack', body: { text: 'x', blocks: [{ type: 'section', text: { type: 'mrkdwn', text: 'x', bold: true } }] } },
    { type: 'slack', body: { text: 'x', blocks: [{ type: 'nonsense' }] } },
    { type: 'googlechat', body: { text: 'x', cards: {} } },
    { type: 'googlechat', body: { cardsV2: [{ card: { sections: [{ widgets: [{ textParagraph: { txt: 'x' } }] }] } }] } },
    { type: 'telegram', body: { chat_id: 1, text: 'x', parse_mode: 'Html' } },
    { type: 'telegram', body: { text: 'x' } },
  ].map((message, i) => ({ ...message, name: `wrong ${i}` }));
  const noticed = complaints(wrong);
  for (const { name } of wrong) assert.ok(noticed.some((line) => line.startsWith(name)), `${name} in ${noticed.join('\n')}`);
});
