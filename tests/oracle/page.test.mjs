// The HTML of each mail in a browser: nothing is fetched, run or wider than the window, and nothing but our words is in it.
import assert from 'node:assert';
import { after, before, test } from 'node:test';
import { simpleParser } from 'mailparser';
import { LOOKS, missing, open, shoot } from './browser.mjs';
import { messages, said } from './rendered.mjs';

const ALLOWED = ['html', 'head', 'meta', 'style', 'title', 'body', 'main', 'h1', 'h2', 'p', 'ol', 'ul', 'li', 'strong', 'code', 'pre', 'q', 'a', 'hr'];

let browser;
before(async () => { browser = missing ? null : await open(); });
after(() => browser?.close());

/** Runs in the page. */
function look() {
  const all = [...document.querySelectorAll('*')];
  const rgb = (text) => text.match(/[\d.]+/g).slice(0, 3).map(Number);
  const light = (c) => rgb(c).map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = light(getComputedStyle(document.body).backgroundColor);
  const contrast = (e) => {
    const [a, b] = [light(getComputedStyle(e).color), ground].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
  };
  return {
    title: document.title,
    tags: [...new Set(all.map((e) => e.localName))],
    links: all.filter((e) => e.localName === 'a').map((e) => e.href),
    handlers: all.flatMap((e) => e.getAttributeNames()).filter((name) => name.startsWith('on')),
    contrast: Math.min(...all.filter((e) => e.closest('main') && e.innerText).map(contrast)),
  };
}

for (const { name, bytes } of missing ? [] : messages('mail')) {
  test(`page of mail ${name}`, async () => {
    const { html } = await simpleParser(bytes, { skipImageLinks: true });
    for (const view of LOOKS) {
      await browser.show(html, view, async (shown) => {
        const seen = await shown.evaluate(look);
        assert.equal(seen.title, said(name).subject.replace(/[\x00-\x20\x7f]+/g, ' ').trim());
        assert.deepEqual(seen.tags.filter((tag) => !ALLOWED.includes(tag)), []);
        assert.deepEqual(seen.links.filter((link) => !link.startsWith('https://crm.example.com/p/')), []);
        assert.deepEqual(seen.handlers, []);
        assert.ok(seen.contrast >= 4.5, `contrast ${seen.contrast}`);
        await shoot(shown, 'mail', name, view);
      });
    }
  });
}
