// What mailparser, which many receivers use, makes of each mail.
import assert from 'node:assert';
import test from 'node:test';
import { simpleParser } from 'mailparser';
import { messages, said } from './rendered.mjs';

const HEADERS = ['auto-submitted', 'content-type', 'date', 'from', 'list', 'message-id', 'mime-version', 'subject', 'to',
  'x-auto-response-suppress'];

for (const { name, bytes } of messages('mail')) {
  test(`mail ${name}`, async () => {
    const mail = await simpleParser(bytes, { skipHtmlToText: true, skipTextToHtml: true, skipImageLinks: true });
    const { subject, text } = said(name);
    assert.equal(mail.subject, subject.replace(/[\x00-\x1f\x7f]/g, ' '));
    assert.deepEqual(mail.from.value, [{ address: 'cadence@example.com', name: 'Cadence' }]);
    assert.deepEqual(mail.to.value, [{ address: 'maria@example.com', name: 'Maria Silva' }]);
    assert.equal(mail.text, text);
    assert.match(mail.html, /^<!DOCTYPE html>\n<html lang="en">[^]*<\/html>\n$/);
    assert.match(mail.messageId, /^<[0-9a-f]{40}@example\.com>$/);
    assert.equal(mail.attachments.length, 0);
    assert.deepEqual([...mail.headers.keys()].sort(), HEADERS);
    assert.equal(mail.headers.get('content-type').value, 'multipart/alternative');
    assert.equal(mail.headers.get('auto-submitted'), 'auto-generated');
  });
}
