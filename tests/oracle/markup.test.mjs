// What a reader of HTML or Markdown makes of the other chats' texts: the names of strangers form nothing, except that a
// mail address is one.
import assert from 'node:assert';
import { after, before, test } from 'node:test';
import MarkdownIt from 'markdown-it';
import { LOOKS, missing, open } from './browser.mjs';
import { bodies, messages } from './rendered.mjs';

const markdown = new MarkdownIt({ linkify: true, breaks: true });
const form = (bytes) => Object.fromEntries(new URLSearchParams(bytes.toString()));
const MARKDOWN = ['p', 'strong', 'em', 'a', 'br', 'code', 'h4', 'h5'];

const CHATS = {
  mattermost: { texts: ({ body }) => [markdown.render(body.text)], allowed: MARKDOWN },
  discord: { texts: ({ body }) => [body.content, body.embeds?.[0].description ?? ''].map((text) => markdown.render(text)), allowed: [...MARKDOWN, 'h3'] },
  zulip: { texts: ({ body }) => [markdown.render(body.content)], allowed: MARKDOWN },
  telegram: { texts: ({ body }) => [body.text], allowed: ['b', 'i', 'a', 'code'] },
  googlechat: { texts: ({ body }) => body.cardsV2?.[0].card.sections[0].widgets.map((w) => w.textParagraph.text) ?? [], allowed: ['b', 'i', 'a', 'br', 'font'] },
  matrix: { texts: ({ body }) => [body.formatted_body ?? ''], allowed: ['h4', 'h5', 'p', 'strong', 'em', 'a', 'br', 'code', 'b', 'i'] },
};

let browser;
before(async () => { browser = missing ? null : await open(); });
after(() => browser?.close());

/** Runs in the page. */
function parts(html) {
  const all = [...new DOMParser().parseFromString(html, 'text/html').body.querySelectorAll('*')];
  return {
    tags: [...new Set(all.map((e) => e.localName))],
    attributes: [...new Set(all.flatMap((e) => e.getAttributeNames()))],
    links: all.filter((e) => e.localName === 'a').map((e) => e.getAttribute('href')),
  };
}

for (const [chat, { texts, allowed }] of Object.entries(CHATS)) {
  test(`names form nothing in ${chat}`, { skip: missing }, () => browser.show('', LOOKS[0], async (shown) => {
    const all = chat === 'zulip' ? messages(chat).map((m) => ({ ...m, body: form(m.bytes) })) : bodies(chat);
    for (const message of all.filter(({ plain }) => !plain)) {
      for (const text of texts(message)) {
        const { tags, attributes, links } = await shown.evaluate(parts, text);
        assert.deepEqual(tags.filter((tag) => !allowed.includes(tag)), [], `${message.name}: ${text}`);
        assert.deepEqual(attributes.filter((name) => name !== 'href'), [], message.name);
        assert.deepEqual(links.filter((link) => !/^(https:\/\/crm\.example\.com\/p\/|mailto:)/.test(link)), [], `${message.name}: ${text}`);
      }
    }
  }));
}
