// A browser that reaches nothing: what a page asks for is a fault, and so is whatever it complains of.
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { OUT } from './rendered.mjs';

const EXECUTABLE = process.env.CHROMIUM ?? '/usr/bin/chromium';
const OPTIONS = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', ...(process.getuid() === 0 ? ['--no-sandbox'] : [])];

/** The reason to leave the browser's tests out, or false. */
export const missing = existsSync(EXECUTABLE) ? false : `SKIPPED, ${EXECUTABLE} is not there: make deps-all`;
if (missing) console.error(`oracle: ${missing}`);

export const LOOKS = [320, 900].flatMap((width) => ['light', 'dark'].map((scheme) => ({ width, scheme })));

/** Opens the browser; returns {show, close}. show(html, look, use) calls use(page) and returns its answer. */
export async function open() {
  const browser = await chromium.launch({ executablePath: EXECUTABLE, headless: true, args: OPTIONS });
  const show = async (html, look, use) => {
    const page = await browser.newPage({ viewport: { width: look.width, height: 400 }, colorScheme: look.scheme });
    const faults = [];
    await page.route('**', (route) => { faults.push(`asks for ${route.request().url()}`); return route.abort(); });
    page.on('console', (message) => faults.push(`says ${message.text()}`));
    page.on('pageerror', (error) => faults.push(`fails: ${error}`));
    page.on('dialog', (dialog) => { faults.push('opens a dialog'); return dialog.dismiss(); });
    await page.setContent(html);
    const answer = await use(page);
    if (faults.length) throw new Error(faults.join('\n'));
    await page.close();
    return answer;
  };
  return { show, close: () => browser.close() };
}

/** Takes a picture of the whole page; wider than its window is a fault. */
export async function shoot(page, target, name, look) {
  const dir = path.join(OUT, 'shots', target);
  mkdirSync(dir, { recursive: true });
  await page.screenshot({ path: path.join(dir, `${name}-${look.width}-${look.scheme}.png`), fullPage: true });
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  if (width > look.width) throw new Error(`${name} is ${width} wide in a window of ${look.width}`);
}
