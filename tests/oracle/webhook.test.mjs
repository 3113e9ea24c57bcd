// The receiver's side of Standard Webhooks, over the headers and bodies that would be posted.
import assert from 'node:assert';
import test from 'node:test';
import { Webhook } from 'standardwebhooks';
import { bodies } from './rendered.mjs';

const SECRETS = ['whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3', 'whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldY'];
const refuses = (secret, bytes, headers) => assert.throws(() => new Webhook(secret).verify(bytes, headers), /signature/i);

test('either secret accepts every post', () => {
  for (const { name, bytes, headers, body } of bodies('crm'))
    for (const secret of SECRETS) assert.deepEqual(new Webhook(secret).verify(bytes, headers), body, name);
});

test('whatever is changed on the way is refused', () => {
  for (const { bytes, headers } of bodies('crm')) {
    const tampered = Buffer.from(bytes);
    tampered[tampered.length >> 1] ^= 1;
    for (const secret of SECRETS) {
      refuses(secret, tampered, headers);
      refuses(secret, Buffer.concat([bytes, Buffer.from(' ')]), headers);
      refuses(secret, bytes, { ...headers, 'webhook-id': `${headers['webhook-id']}0` });
      refuses(secret, bytes, { ...headers, 'webhook-timestamp': `${headers['webhook-timestamp'] - 1}` });
    }
    refuses('whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY4', bytes, headers);
  }
});

test('each message has an id of its own, and all say what they are', () => {
  const all = bodies('crm');
  assert.equal(new Set(all.map(({ headers }) => headers['webhook-id'])).size, all.length);
  for (const { name, body } of all) {
    assert.deepEqual(Object.keys(body), ['type', 'timestamp', 'data'], name);
    assert.equal(new Date(body.timestamp).toISOString().replace('.000', ''), body.timestamp, name);
  }
});
