// What a trader does through polkadot.js, step by step.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atBest, cashBooks, cashOf, contractBooks, fundingBooks, instrumentName, positionsOf, vault } from '../lib/chain.mjs';
import { parse } from '../lib/format.mjs';
import { simulate, trade } from '../lib/report.mjs';
import { errorName, eventsOf, send, sudo } from '../lib/tx.mjs';

const USDC = 10n ** 6n;

/** @param {() => import('../lib/scene.mjs').Scene} stage @param {() => any} callOf */
export function mainPath(stage, callOf) {
	const TRADER = '//Trader';
	const MAKER = '//Bob';

	test('deposit moves cash from the owner to the vault and credits the record', async () => {
		const scene = stage();
		await scene.fund({ [TRADER]: 200_000n * USDC });
		const { address } = scene.key(TRADER);
		const before = await cashOf(scene.api, vault(scene.api));
		await scene.deposit(TRADER, 100_000n * USDC);
		await scene.deposit(MAKER, 1_000_000n * USDC);
		assert.equal(await cashOf(scene.api, address), 100_000n * USDC);
		assert.equal((await cashOf(scene.api, vault(scene.api))) - before, 1_100_000n * USDC);
		assert.equal((await scene.report(TRADER)).cash, 100_000n * USDC);
	});

	test('risk-offsetting collateral counts as equity and carries margin', async () => {
		const scene = stage();
		const amount = 2n * 10n ** 18n;
		await send(scene.api, scene.api.tx.margin.deposit(0, { Collateral: 0 }, amount), scene.key(MAKER));
		const { risk, collateral } = await scene.report(MAKER);
		assert.deepEqual(collateral, [[0n, amount]]);
		assert.ok(risk.collateral[0].equity < risk.collateral[0].value);
		assert.ok(risk.margin.initial > 0n);
	});

	test('what-if gives the numbers that the trade then has', async () => {
		const scene = stage();
		const call = callOf();
		const { perpetual } = scene;
		const size = parse(5);
		const perpPrice = await scene.onTick(perpetual, await scene.mark(perpetual));
		const callPrice = await scene.onTick(call, await scene.mark(call));
		const { address } = scene.key(TRADER);
		const would = await simulate(scene.api, address, [trade(call, size, callPrice), trade(perpetual, -size, perpPrice)]);
		const { events } = await scene.trade(TRADER, MAKER, [
			{ instrument: call, size, price: callPrice },
			{ instrument: perpetual, size: -size, price: perpPrice },
		]);
		assert.equal(eventsOf(events, 'trading', 'BlockTraded').length, 1);
		const is = await scene.report(TRADER);
		assert.equal(is.cash, would.cash);
		assert.deepEqual(is.positions.map((/** @type {any} */ one) => [one.instrument, one.size, one.entryValue]), would.positions.map((/** @type {any} */ one) => [one.instrument, one.size, one.entryValue]));
		// Time has passed between the two, so the option has decayed a little.
		const difference = is.risk.margin.initial - would.risk.margin.initial;
		assert.ok(difference * 1000n < would.risk.margin.initial && -difference * 1000n < would.risk.margin.initial, `${difference}`);
	});

	test('what-if of open orders asks for whichever of them fill', async () => {
		const scene = stage();
		const { perpetual } = scene;
		const { address } = scene.key(TRADER);
		const price = await scene.onTick(perpetual, await scene.mark(perpetual));
		const order = (/** @type {number} */ size) => ({ Order: { instrument: perpetual, size: parse(size), price } });
		const { freeCollateral: now } = await scene.report(TRADER);
		// Short five perpetuals against calls: selling more of them adds risk, buying a few back does not.
		const both = await simulate(scene.api, address, [order(1), order(-6)]);
		assert.equal(both.openOrders.length, 1);
		assert.equal(both.openOrders[0].buys, parse(1));
		assert.equal(both.openOrders[0].sells, parse(6));
		assert.ok(both.orderMargin > 0n, `${both.orderMargin}`);
		assert.ok(both.freeCollateral < now, `${both.freeCollateral} ${now}`);
		const none = await simulate(scene.api, address, []);
		assert.equal(none.openOrders.length, 0);
		assert.equal(none.orderMargin, 0n);
	});

	test('hedged account needs less margin than its legs alone', async () => {
		const { risk } = await stage().report(TRADER);
		assert.equal(risk.legs.length, 2);
		assert.ok(risk.margin.initial * 2n < risk.isolated.initial, `${risk.margin.initial} ${risk.isolated.initial}`);
		const contributions = [...risk.legs, ...risk.collateral].reduce((sum, leg) => sum + leg.contribution.initial, 0n);
		assert.equal(contributions, risk.margin.initial);
	});

	test('both sides hold opposite positions', async () => {
		const scene = stage();
		const mine = await positionsOf(scene.api, scene.key(TRADER).address);
		const theirs = await positionsOf(scene.api, scene.key(MAKER).address);
		assert.equal(mine.get(instrumentName({ underlying: 1n, contract: 'Perpetual' })), parse(-5));
		for (const [name, size] of mine) assert.equal(theirs.get(name), -size);
	});

	test('delegate may trade but not withdraw', async () => {
		const scene = stage();
		const { api, perpetual } = scene;
		await scene.fund({ '//Delegate': 0n });
		await send(api, api.tx.margin.addDelegate(0, scene.key('//Delegate').address), scene.key(TRADER));
		const price = await scene.onTick(perpetual, await scene.mark(perpetual));
		await scene.trade(TRADER, MAKER, [{ instrument: perpetual, size: parse(1), price }], {}, '//Delegate');
		assert.match(await errorName(send(api, api.tx.margin.withdraw(0, 'Cash', USDC), scene.key('//Delegate'))), /^margin\.AccountNotFound$/);
	});

	test('withdrawal pays out to the owner', async () => {
		const scene = stage();
		const { address } = scene.key(TRADER);
		const before = await cashOf(scene.api, address);
		await send(scene.api, scene.api.tx.margin.withdraw(0, 'Cash', 1_000n * USDC), scene.key(TRADER));
		assert.equal((await cashOf(scene.api, address)) - before, 1_000n * USDC);
	});

	test('positions can be closed and all cash withdrawn', async () => {
		const scene = stage();
		const { api, perpetual } = scene;
		const name = '//Closer';
		await scene.fund({ [name]: 20_000n * USDC });
		await scene.deposit(name, 20_000n * USDC);
		const price = await scene.onTick(perpetual, await scene.mark(perpetual));
		await scene.trade(name, MAKER, [{ instrument: perpetual, size: parse(2), price }]);
		await scene.trade(name, MAKER, [{ instrument: perpetual, size: parse(-2), price }]);
		const { cash, positions } = await scene.report(name);
		assert.equal(positions.length, 0);
		await send(api, api.tx.margin.withdraw(0, 'Cash', cash), scene.key(name));
		assert.equal(await cashOf(api, scene.key(name).address), 20_000n * USDC);
		assert.equal((await api.query.margin.accounts({ owner: scene.key(name).address, number: 0 })).isEmpty, true);
	});

	test('cash is conserved to the unit and contracts are zero-sum', () => booksBalance(stage()));

	test('operator set is seen by the chain', async () => {
		const scene = stage();
		const members = /** @type {any} */ (await scene.api.query.operators.members()).map(String);
		assert.ok(members.includes(scene.key('//Feeder//1').address));
		assert.match(await errorName(sudo(scene.api, scene.alice, scene.api.tx.oracle.setParams(/** @type {any} */ ({})))), /^oracle\.Invalid/);
	});
}

/** @param {import('../lib/scene.mjs').Scene} scene */
export async function booksBalance(scene) {
	const api = await atBest(scene.api);
	const books = await cashBooks(api, scene.seed);
	assert.equal(books.recorded, books.booked);
	assert.equal(books.booked, books.held);
	const { toPay, toGet } = await fundingBooks(api);
	assert.equal(toPay, toGet);
	for (const [name, book] of await contractBooks(api)) {
		assert.equal(book.sum, 0n, name);
		assert.equal(book.longs, book.openInterest, name);
	}
}
