import assert from 'node:assert/strict';
import { test } from 'node:test';
import { syntheticCrash } from '../lib/bars.mjs';
import { Replay } from '../lib/replay.mjs';
import { realisedVolatility, slice, totalVariance, variance, VOLATILITY_BOUNDS } from '../lib/surface.mjs';

const HOUR = 3_600_000;
const TENORS = [1 / 8760, 1 / 365, 7 / 365, 30 / 365, 0.5, 2];

/** Gatheral and Jacquier's g: below zero somewhere is a butterfly arbitrage. */
function density(/** @type {any} */ svi, /** @type {number} */ k) {
	const root = Math.sqrt((k - svi.m) ** 2 + svi.sigma ** 2);
	const w = variance(svi, k);
	const first = svi.b * (svi.rho + (k - svi.m) / root);
	const second = (svi.b * svi.sigma ** 2) / root ** 3;
	return (1 - (k * first) / (2 * w)) ** 2 - (first ** 2 / 4) * (1 / w + 1 / 4) + second / 2;
}

test('slices have no butterfly arbitrage at any volatility and tenor', () => {
	for (const volatility of [VOLATILITY_BOUNDS.low, 0.8, VOLATILITY_BOUNDS.high]) {
		for (const years of TENORS) {
			const svi = slice(volatility, years);
			for (let k = -3; k <= 3; k += 0.01) assert.ok(density(svi, k) >= 0, `${volatility} ${years} ${k}`);
		}
	}
});

test('slices have no calendar arbitrage when one expires after the other', () => {
	for (const volatility of [VOLATILITY_BOUNDS.low, VOLATILITY_BOUNDS.high]) {
		for (let i = 1; i < TENORS.length; i += 1) {
			const [near, far] = [slice(volatility, TENORS[i - 1]), slice(volatility, TENORS[i])];
			for (let k = -3; k <= 3; k += 0.01) assert.ok(variance(far, k) >= variance(near, k), `${volatility} ${i} ${k}`);
		}
	}
});

test('at the money a slice has its total variance', () => {
	assert.ok(Math.abs(variance(slice(0.8, 0.1), 0) - totalVariance(0.8, 0.1)) < 1e-12);
	assert.ok(Math.abs(totalVariance(0.8, 1e-6) / 1e-6 - 0.64) < 1e-4);
});

test('realised volatility stays within its bounds', () => {
	const bars = (/** @type {number[]} */ closes) => closes.map((close, i) => ({ time: i * HOUR, open: close, high: close, low: close, close }));
	assert.equal(realisedVolatility(bars([1, 1, 1, 1]), HOUR), VOLATILITY_BOUNDS.low);
	assert.equal(realisedVolatility(bars([1, 2, 1, 2]), HOUR), VOLATILITY_BOUNDS.high);
	const moves = bars(Array.from({ length: 100 }, (_, i) => 100 * (i % 2 ? 1.01 : 1)));
	assert.ok(Math.abs(realisedVolatility(moves, HOUR) - Math.log(1.01) * Math.sqrt(8760)) < 1e-9);
});

test('replay passes through the low of each falling bar', () => {
	const window = syntheticCrash();
	const replay = new Replay(window);
	assert.equal(replay.spot(1), window.bars[0].open);
	const falling = window.bars.findIndex((bar) => bar.close < bar.open);
	replay.seek(falling + 2 / 3);
	assert.ok(Math.abs(replay.spot(1) - window.bars[falling].low) < 1e-6);
	replay.seek(1e9);
	assert.equal(replay.spot(1), window.bars.at(-1)?.close);
	assert.ok(replay.finished);
});

test('others follow by their beta and stay constant when it is zero', () => {
	const window = syntheticCrash();
	const replay = new Replay(window, { betas: { 0: 0.5, 2: 0 } });
	replay.seek(1e9);
	const move = replay.spot(1) / window.bars[0].open;
	assert.ok(Math.abs(replay.spot(0) / 64_000 - Math.sqrt(move)) < 1e-12);
	assert.equal(replay.spot(2), 6);
	assert.throws(() => replay.spot(3), /no underlying/);
});

test('curve leaves out what has expired and needs no order', () => {
	const replay = new Replay(syntheticCrash());
	const now = Date.UTC(2026, 10, 1);
	replay.setChainTime(now);
	replay.setExpiries(1, [now + 60 * HOUR, now - HOUR, now + 30 * HOUR, now + 30_000]);
	const curve = replay.curve(1);
	assert.deepEqual(curve.map((point) => point.expiry), [now + 30_000, now + 30 * HOUR, now + 60 * HOUR]);
	assert.equal(curve[0].svi, undefined);
	assert.ok(curve[2].forward > curve[1].forward && curve[1].forward > replay.spot(1));
	assert.throws(() => replay.setExpiries(1, [1.5]), /whole milliseconds/);
});

test('advance stops short when the price would move further than its limit', () => {
	const replay = new Replay(syntheticCrash());
	for (let steps = 0; steps < 2000 && !replay.finished; steps += 1) {
		const before = replay.spot(1);
		replay.advance(1, 0.02);
		assert.ok(Math.abs(replay.spot(1) / before - 1) <= 0.02 + 1e-12);
	}
	assert.ok(replay.finished);
	assert.throws(() => replay.advance(1, 0), /positive/);
});
