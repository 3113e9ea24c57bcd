// Microsoft's own renderer of Adaptive Cards draws every card, as Teams' desktop program does.
import assert from 'node:assert';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { LOOKS, missing, open, shoot } from './browser.mjs';
import { bodies, HERE } from './rendered.mjs';

const script = (file) => `<script>${readFileSync(path.join(HERE, 'node_modules', file), 'utf8').replaceAll('</script', '<\\/script')}</script>`;
const LIBRARIES = script('adaptivecards/dist/adaptivecards.min.js') + script('markdown-it/dist/markdown-it.min.js');
const COLOURS = {
  light: { page: '#f5f5f5', card: '#ffffff', default: '#242424', subtle: '#616161', accent: '#5b5fc7' },
  dark: { page: '#1f1f1f', card: '#292929', default: '#ffffff', subtle: '#adadad', accent: '#9ea2ff' },
};

function page(scheme) {
  const c = COLOURS[scheme];
  return `<!DOCTYPE html><meta charset="utf-8"><style>
    body { margin: 0; padding: 8px; background: ${c.page}; } #card { background: ${c.card}; border-radius: 4px; }
    a { color: ${c.accent}; } p { margin: 0; }</style><div id="card"></div>${LIBRARIES}`;
}

/** Runs in the page; returns what the library had to say, and what it drew. */
function draw({ content, colours }) {
  const { AdaptiveCards, markdownit } = window;
  const colour = (name) => ({ default: colours[name], subtle: colours.subtle });
  const card = new AdaptiveCards.AdaptiveCard();
  const context = new AdaptiveCards.SerializationContext(AdaptiveCards.Versions.v1_2);
  const said = [];
  AdaptiveCards.AdaptiveCard.onProcessMarkdown = (text, result) => {
    result.outputHtml = markdownit().render(text);
    result.didProcess = true;
  };
  card.hostConfig = new AdaptiveCards.HostConfig({
    fontFamily: "'Segoe UI', 'DejaVu Sans', sans-serif",
    fontSizes: { small: 12, default: 14, medium: 14, large: 18, extraLarge: 24 },
    spacing: { small: 8, default: 12, medium: 16, large: 20, extraLarge: 24, padding: 16 },
    containerStyles: { default: { backgroundColor: colours.card, foregroundColors: { default: colour('default'), accent: colour('accent') } } },
  });
  card.parse(content, context);
  for (let i = 0; i < context.eventCount; i++) said.push(context.getEventAt(i).message);
  said.push(...card.validateProperties().validationEvents.map((event) => event.message));
  document.getElementById('card').append(card.render());
  const drawn = [...document.querySelectorAll('#card *')];
  return {
    said,
    tags: [...new Set(drawn.map((e) => e.localName))],
    links: drawn.filter((e) => e.localName === 'a').map((e) => e.href),
    lines: [...document.querySelectorAll('#card .ac-textBlock')].filter((e) => e.innerText.trim()).length,
  };
}

let browser;
before(async () => { browser = missing ? null : await open(); });
after(() => browser?.close());

// Names that look like markup stand there as words.
const ALLOWED = ['div', 'p', 'strong', 'a', 'br', 'span'];

for (const { name, plain, body } of missing ? [] : bodies('teams')) {
  test(`teams ${name}`, async () => {
    const { content } = body.attachments[0];
    for (const look of plain ? LOOKS.slice(0, 1) : LOOKS) {
      await browser.show(page(look.scheme), look, async (shown) => {
        const drawn = await shown.evaluate(draw, { content, colours: COLOURS[look.scheme] });
        assert.deepEqual(drawn.said, []);
        assert.deepEqual(drawn.tags.filter((tag) => !ALLOWED.includes(tag)), []);
        assert.deepEqual(drawn.links.filter((link) => plain || !link.startsWith('https://crm.example.com/p/')), []);
        assert.equal(drawn.lines, content.body.length);
        await shoot(shown, 'teams', name, look);
      });
    }
  });
}

test('a card that is none is noticed', { skip: missing }, async () => {
  for (const wrong of [
    { type: 'AdaptiveCard', version: '1.2', body: [{ type: 'Nonsense' }] },
    { type: 'AdaptiveCard', version: '1.2', body: [{ type: 'TextBlock', text: 'x', size: 'Gigantic' }] },
    { type: 'AdaptiveCard', version: '1.2', body: [{ type: 'TextBlock', text: 'x', style: 'heading' }] },
    { type: 'AdaptiveCard', version: 'x', body: [{ type: 'TextBlock', text: 'x' }] },
  ]) {
    const drawn = await browser.show(page('light'), LOOKS[0], (shown) => shown.evaluate(draw, { content: wrong, colours: COLOURS.light }));
    assert.notEqual(drawn.said.length, 0, JSON.stringify(wrong));
  }
});
