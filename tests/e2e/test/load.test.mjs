// What a load run makes of its notes, and what it knows of the book.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { intervals, quantile, random, slope, Tally } from '../lib/load/figures.mjs';
import { Resting } from '../lib/load/market.mjs';
import { DEFAULTS, readOptions } from '../lib/load/options.mjs';
import { missed } from '../lib/load/print.mjs';

describe('figures of a load run', () => {
	test('quantiles are values that were there', () => {
		assert.equal(quantile([], 0.5), 0);
		assert.equal(quantile([3], 1), 3);
		assert.equal(quantile([5, 1, 3], 0.5), 3);
		assert.equal(quantile([5, 1, 3], 1), 5);
	});

	test('slope is that of a line, and none of what is level', () => {
		assert.equal(slope([]), 0);
		assert.equal(slope([7]), 0);
		assert.equal(slope([4, 4, 4]), 0);
		assert.equal(slope([1, 3, 5, 7]), 2);
		assert.equal(slope([7, 5, 3]), -2);
	});

	test('block is late when it comes over one and a half block times after the one before', () => {
		assert.deepEqual(intervals([0, 1000, 2500]), [1000, 1500]);
		assert.equal(missed([0, 1000, 2500, 3500], 1000), 0);
		assert.equal(missed([0, 1000, 2501, 3500], 1000), 1);
		assert.equal(missed([0], 1000), 0);
	});

	test('tally counts by name, most frequent first', () => {
		const tally = new Tally();
		tally.add('few');
		tally.add('many', 2);
		assert.deepEqual(tally.entries(), [['many', 2], ['few', 1]]);
		assert.equal(tally.total, 3);
		assert.equal(tally.of('none'), 0);
	});

	test('the same seed draws the same numbers, between 0 and 1', () => {
		const [one, same, other] = [random(1), random(1), random(2)];
		const drawn = Array.from({ length: 100 }, () => one());
		assert.deepEqual(drawn, Array.from({ length: 100 }, () => same()));
		assert.notDeepEqual(drawn, Array.from({ length: 100 }, () => other()));
		assert.ok(drawn.every((number) => number >= 0 && number < 1));
	});
});

describe('resting orders, known from events', () => {
	const terms = (/** @type {any} */ rest = {}) => ({ instrument: { underlying: 1n, contract: 'Perpetual' }, side: 'Buy', size: 10n, timeInForce: { Resting: {} }, ...rest });
	const placed = (/** @type {bigint} */ order, /** @type {any} */ rest) => ({ order, account: { owner: 'maker' }, terms: terms(rest) });

	test('order is a quote until it is filled or cancelled', () => {
		const resting = new Resting();
		for (const id of [1n, 2n, 3n]) resting.placed(placed(id));
		resting.filled(1n, 4n);
		assert.deepEqual(resting.quotes('maker', 'ETH-PERP', 'Buy'), [1n, 2n, 3n]);
		resting.filled(1n, 6n);
		resting.gone(3n);
		assert.deepEqual(resting.quotes('maker', 'ETH-PERP', 'Buy'), [2n]);
		assert.equal(resting.count, 1);
		assert.deepEqual(resting.quotes('maker', 'ETH-PERP', 'Sell'), []);
	});

	test('what never rests and what is not known is no quote', () => {
		const resting = new Resting();
		resting.placed(placed(1n, { timeInForce: 'ImmediateOrCancel' }));
		resting.filled(1n, 10n);
		resting.gone(7n);
		assert.equal(resting.count, 0);
	});
});

describe('options of a load run', () => {
	test('nothing said is the run that is documented', () => {
		assert.deepEqual(readOptions([]), { help: false, node: undefined, ...DEFAULTS });
	});

	test('what is no whole number within bounds is refused by name', () => {
		for (const [name, value] of [['--accounts', '1'], ['--blocks', '0'], ['--makers', '100'], ['--levels', 'two'], ['--block-time', '1.5']]) {
			assert.throws(() => readOptions([name, value]), new RegExp(name));
		}
	});
});
