// A small load run: many at once, and everything still adds up.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULTS } from '../lib/load/options.mjs';
import { runLoad } from '../lib/load/run.mjs';
import { booksBalance } from './main-path.mjs';

/** @param {() => import('../lib/scene.mjs').Scene} stage @param {() => any} callOf */
export function load(stage, callOf) {
	test('crowd quotes and takes, each order is known from events, and the books balance', async () => {
		const scene = stage();
		const few = { ...DEFAULTS, accounts: 30, makers: 30, blocks: 12, quoteEvery: 3, takeEvery: 3, blockTime: scene.blockTime };
		const { notes, crowd, traders } = await runLoad(scene, few, [callOf()]);
		assert.equal(crowd.onTheWay, 0, 'a transaction is in no block');
		assert.equal(notes.included, crowd.offered);
		assert.ok(notes.fills > 0, 'nothing filled');
		assert.equal(notes.failed.total, 0, JSON.stringify(notes.failed.entries()));
		const owners = new Set(traders.makers.map(({ address }) => address));
		const entries = await scene.api.query.trading.orders.entries();
		const resting = entries.filter(([, order]) => owners.has(/** @type {any} */ (order).unwrap().account.owner.toString()));
		assert.equal(resting.length, traders.resting.count);
		await scene.prices.control({ scale: 1 });
		await scene.blocks(2);
		await booksBalance(scene);
	});
}
