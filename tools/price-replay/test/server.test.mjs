import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { syntheticCrash } from '../lib/bars.mjs';
import { Replay } from '../lib/replay.mjs';
import { serve } from '../lib/server.mjs';

/** @type {{ port: number, close: () => Promise<void> }} */
let server;

before(async () => {
	server = await serve(new Replay(syntheticCrash()), { port: 0 });
});
after(() => server.close());
beforeEach(() => control({ restart: true, speed: 0, scale: 1, fault: null }));

/** @param {string} path */
const get = (path) => fetch(`http://127.0.0.1:${server.port}${path}`);
/** @param {string} path */
const json = async (path) => (await get(path)).json();
/** @param {unknown} message */
async function control(message) {
	const response = await fetch(`http://127.0.0.1:${server.port}/control`, { method: 'POST', body: JSON.stringify(message) });
	return { status: response.status, ...(await response.json()) };
}

test('venues answer in their own formats', async () => {
	const kraken = await json('/0/public/Ticker?pair=XBTUSD');
	assert.deepEqual(kraken.error, []);
	assert.equal(kraken.result.XXBTZUSD.c[0], '64000.00000');
	assert.deepEqual(await json('/v2/prices/ETH-USD/spot'), { data: { amount: (syntheticCrash().bars[0].open * 1.0001).toFixed(6), base: 'ETH', currency: 'USD' } });
	assert.deepEqual(await json('/api/v3/ticker/price?symbol=DOTUSDT'), { symbol: 'DOTUSDT', price: '5.99940000' });
	assert.equal((await json('/0/public/Ticker?pair=USDCUSD')).result.USDCUSD.c[0], '1.00000');
});

test('venues refuse in their own formats when the pair is unknown', async () => {
	assert.deepEqual(await json('/0/public/Ticker?pair=DOGEUSD'), { error: ['EQuery:Unknown asset pair'] });
	assert.equal((await get('/v2/prices/DOGE-USD/spot')).status, 404);
	assert.equal((await get('/api/v3/ticker/price?symbol=BTC')).status, 400);
	assert.equal((await get('/plimsoll/v1/surface?underlying=9')).status, 404);
	assert.equal((await get('/')).status, 404);
});

test('surface lists the expiries that control set', async () => {
	const expiry = Date.now() + 30 * 24 * 3_600_000;
	await control({ expiries: { 1: [expiry] } });
	const surface = await json('/plimsoll/v1/surface?underlying=1');
	assert.equal(surface.settlement_asset, '1.000000');
	assert.equal(surface.expiries.length, 1);
	const [slice] = surface.expiries;
	assert.equal(slice.expiry, expiry);
	for (const text of [slice.forward, slice.rate, ...Object.values(slice.svi)]) assert.match(text, /^-?\d+\.\d+$/);
	assert.ok(Number(slice.forward) > Number(surface.spot));
});

test('prices move when control advances or a speed runs', async () => {
	const first = await json('/api/v3/ticker/price?symbol=ETHUSDT');
	assert.equal((await control({ advance: 9 })).bar, 9);
	const later = await json('/api/v3/ticker/price?symbol=ETHUSDT');
	assert.ok(Number(later.price) < Number(first.price) * 0.9);
	await control({ restart: true, scale: 0.5 });
	assert.equal(Number((await json('/api/v3/ticker/price?symbol=ETHUSDT')).price), Number((Number(first.price) / 2).toFixed(8)));
	await control({ scale: 1, speed: 20 });
	await new Promise((resolve) => setTimeout(resolve, 500));
	assert.ok((await control({})).bar > 1);
});

test('control refuses what it does not know and changes nothing', async () => {
	const { status, error } = await control({ advanse: 1 });
	assert.equal(status, 400);
	assert.match(error, /advanse/);
	assert.equal((await control({ fault: { kind: 'sleepy' } })).status, 400);
	assert.equal((await control({ speed: -1 })).status, 400);
	assert.equal((await control([])).status, 400);
	assert.equal((await control({})).bar, 0);
});

test('faults hit only their venue until they are cleared', async () => {
	await control({ fault: { venue: 'kraken', kind: 'lie', factor: 1.5 } });
	assert.equal((await json('/0/public/Ticker?pair=XBTUSD')).result.XXBTZUSD.c[0], '96000.00000');
	assert.equal((await json('/api/v3/ticker/price?symbol=BTCUSDT')).price, '63993.60000000');

	await control({ fault: { kind: 'down' } });
	await assert.rejects(get('/api/v3/ticker/price?symbol=BTCUSDT'));
	await control({ fault: { kind: 'unavailable' } });
	assert.equal((await get('/api/v3/ticker/price?symbol=BTCUSDT')).status, 503);
	await control({ fault: { kind: 'malformed' } });
	await assert.rejects(json('/api/v3/ticker/price?symbol=BTCUSDT'), SyntaxError);
	await control({ fault: { kind: 'slow', ms: 300 } });
	const start = Date.now();
	await get('/api/v3/ticker/price?symbol=BTCUSDT');
	assert.ok(Date.now() - start >= 290);

	const cleared = await control({ fault: null });
	assert.deepEqual(cleared.faults, {});
	assert.equal((await json('/0/public/Ticker?pair=XBTUSD')).result.XXBTZUSD.c[0], '64000.00000');
});

test('program replays a compressed file when told', async () => {
	const folder = mkdtempSync(join(tmpdir(), 'price-replay-'));
	const file = join(folder, 'bars.csv.gz');
	const rows = Array.from({ length: 60 }, (_, i) => `${1704067200 + i * 3600},${i < 40 ? 2000 : 1500},,,${i < 40 ? 2000 : 1500}`);
	writeFileSync(file, gzipSync(`time,open,high,low,close\n${rows.join('\n')}\n`));
	const program = fileURLToPath(new URL('../price-replay.mjs', import.meta.url));
	const child = spawn(process.execPath, [program, '--port', '0', '--prices', file, '--beta', '0=0']);
	try {
		let text = '';
		while (!text.includes('listening')) text += (await once(child.stdout, 'data'))[0];
		assert.match(text, /largest fall 25\.0 %/);
		assert.match(text, /BTC stays constant/);
		const port = /127\.0\.0\.1:(\d+)/.exec(text)?.[1];
		const price = await (await fetch(`http://127.0.0.1:${port}/plimsoll/v1/spot?underlying=1`)).json();
		assert.equal(price.spot, '2000.00000000');
	} finally {
		child.kill();
		await once(child, 'exit');
		rmSync(folder, { recursive: true });
	}
});

test('program refuses a bad option by name', async () => {
	const program = fileURLToPath(new URL('../price-replay.mjs', import.meta.url));
	const child = spawn(process.execPath, [program, '--port', 'x']);
	let text = '';
	child.stderr.on('data', (chunk) => { text += chunk; });
	const [code] = await once(child, 'exit');
	assert.equal(code, 1);
	assert.match(text, /--port is not a number/);
});
