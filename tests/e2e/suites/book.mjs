// The order book through polkadot.js: what a trader and a market maker do and see.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cashOf, fieldsOf, instrumentName, positionsOf } from '../lib/chain.mjs';
import { parse } from '../lib/format.mjs';
import { batch, FILL_OR_KILL, IMMEDIATE, order, placeOrder, POST_ONLY, RESTING } from '../lib/orders.mjs';
import { plain } from '../lib/plain.mjs';
import { subAccount } from '../lib/quote.mjs';
import { errorName, eventsOf, send, sudo } from '../lib/tx.mjs';
import { booksBalance } from './main-path.mjs';

const USDC = 10n ** 6n;
const QUOTER = '//Quoter';
const TAKER = '//Taker';

/** @param {() => import('../lib/scene.mjs').Scene} stage */
export function book(stage) {
	/** @type {bigint} */
	let price;
	/** @type {bigint} */
	let tick;
	const account = (/** @type {string} */ name) => subAccount(stage().key(name).address);
	const place = (/** @type {string} */ name, /** @type {any} */ terms) => send(stage().api, placeOrder(stage().api, account(name), terms), stage().key(name));
	const resting = async (/** @type {string} */ name) => plain(await stage().api.query.trading.ordersOf(account(name)));
	const only = (/** @type {any[]} */ events, /** @type {string} */ name) => {
		const found = eventsOf(events, 'trading', name);
		assert.equal(found.length, 1, `${name}: ${found.length}`);
		return fieldsOf(found[0]);
	};

	test('resting order holds a deposit and counts in the report', async () => {
		const scene = stage();
		const { api, perpetual } = scene;
		await scene.fund({ [QUOTER]: 100_000n * USDC, [TAKER]: 100_000n * USDC });
		await scene.deposit(QUOTER, 100_000n * USDC);
		await scene.deposit(TAKER, 50_000n * USDC);
		({ tick } = await scene.terms(perpetual));
		price = await scene.onTick(perpetual, await scene.mark(perpetual));
		const before = await scene.report(QUOTER);
		const { events } = await place(QUOTER, order(perpetual, parse(-4), price + 2n * tick, POST_ONLY));
		const placed = only(events, 'OrderPlaced');
		assert.deepEqual(await resting(QUOTER), [placed.order]);
		const { data } = plain(await api.query.system.account(scene.key(QUOTER).address));
		assert.ok(data.reserved > 0n, 'nothing is held');
		const after = await scene.report(QUOTER);
		assert.equal(after.openOrders.length, 1);
		assert.equal(after.openOrders[0].sells, parse(4));
		assert.ok(after.orderMargin > 0n && after.freeCollateral < before.freeCollateral);
	});

	test('order that crosses fills at the resting price, best price and oldest first', async () => {
		const scene = stage();
		const { perpetual } = scene;
		await place(QUOTER, order(perpetual, parse(-1), price + tick));
		const { events } = await place(TAKER, order(perpetual, parse(2), price + 5n * tick, IMMEDIATE));
		const fills = eventsOf(events, 'trading', 'OrderFilled').map((event) => fieldsOf(event));
		assert.deepEqual(fills.map((fill) => [fill.size, fill.price]), [[parse(1), price + tick], [parse(1), price + 2n * tick]]);
		for (const fill of fills) assert.ok(fill.takerFee > 0n);
		const held = await positionsOf(scene.api, scene.key(TAKER).address);
		assert.equal(held.get(instrumentName(plainPerpetual(scene))), parse(2));
		assert.equal((await resting(QUOTER)).length, 1);
		assert.equal((await scene.report(QUOTER)).openOrders[0].sells, parse(3));
	});

	test('refused orders name their cause', async () => {
		const scene = stage();
		const { perpetual } = scene;
		const refused = (/** @type {string} */ name, /** @type {any} */ terms) => errorName(place(name, terms));
		assert.match(await refused(TAKER, order(perpetual, parse(1), price + 5n * tick, POST_ONLY)), /^trading\.WouldFill$/);
		assert.match(await refused(TAKER, order(perpetual, parse(100), price + 5n * tick, FILL_OR_KILL)), /^trading\.NotFilled$/);
		assert.match(await refused(TAKER, order(perpetual, parse(1), price + 1n, IMMEDIATE)), /^trading\.PriceNotInTicks$/);
		assert.match(await refused(TAKER, order(perpetual, 0n, price, IMMEDIATE)), /^trading\.ZeroSize$/);
		assert.match(await refused(TAKER, order(perpetual, parse(1), price, IMMEDIATE, { reduceOnly: true })), /^trading\.NothingToReduce$/);
		assert.match(await refused(TAKER, order(perpetual, parse(5_000), price - 9n * tick, RESTING)), /^margin\.InitialMarginNotMet$/);
		const { api } = scene;
		assert.match(await errorName(send(api, placeOrder(api, account(QUOTER), order(perpetual, parse(1), price)), scene.key(TAKER))), /^trading\.NotAllowedToTrade$/);
	});

	test('batch does each operation by itself and tells which failed', async () => {
		const scene = stage();
		const { api, perpetual } = scene;
		const operations = [
			{ Place: order(perpetual, parse(1), price - 3n * tick, POST_ONLY) },
			{ Cancel: 1_000_000_000 },
			{ Place: order(perpetual, parse(1), price - 4n * tick, POST_ONLY) },
		];
		const { events } = await send(api, batch(api, account(QUOTER), operations), scene.key(QUOTER));
		assert.equal(eventsOf(events, 'trading', 'OrderPlaced').length, 2);
		assert.equal(only(events, 'OperationFailed').index, 1n);
		assert.equal((await resting(QUOTER)).length, 3);
	});

	test('replaced order keeps nothing of the old one', async () => {
		const scene = stage();
		const { api, perpetual } = scene;
		const [, bid] = await resting(QUOTER);
		const terms = order(perpetual, parse(2), price - 2n * tick, POST_ONLY);
		const { events } = await send(api, api.tx.trading.replaceOrder(account(QUOTER), bid, /** @type {any} */ (terms), 10), scene.key(QUOTER));
		assert.equal(only(events, 'OrderCancelled').order, bid);
		assert.ok(!(await resting(QUOTER)).includes(bid));
		assert.equal((await scene.report(QUOTER)).openOrders[0].buys, parse(3));
	});

	test('reduce-only order closes what is held and no more', async () => {
		const scene = stage();
		const { perpetual } = scene;
		const { events } = await place(TAKER, order(perpetual, parse(-9), price - 9n * tick, IMMEDIATE, { reduceOnly: true }));
		const sold = eventsOf(events, 'trading', 'OrderFilled').reduce((sum, event) => sum + fieldsOf(event).size, 0n);
		assert.equal(sold, parse(2));
		const held = await positionsOf(scene.api, scene.key(TAKER).address);
		assert.equal(held.get(instrumentName(plainPerpetual(scene))), undefined);
	});

	test('halted instrument takes no orders, gives up those that rest, and goes on afterwards', async () => {
		const scene = stage();
		const { api, perpetual } = scene;
		const halted = { Instrument: perpetual };
		await sudo(api, scene.alice, api.tx.markets.halt(/** @type {any} */ (halted), 'Technical'));
		const before = await resting(QUOTER);
		const terms = order(perpetual, parse(1), price - 3n * tick, POST_ONLY);
		assert.match(await errorName(place(QUOTER, terms)), /^trading\.TradingHalted$/);
		assert.match(await errorName(place(TAKER, order(perpetual, parse(1), price + 5n * tick, IMMEDIATE))), /^trading\.TradingHalted$/);
		const [oldest] = before;
		await send(api, api.tx.trading.cancelOrder(account(QUOTER), oldest), scene.key(QUOTER));
		await sudo(api, scene.alice, api.tx.markets.resume(/** @type {any} */ (halted)));
		await place(QUOTER, terms);
		assert.equal((await resting(QUOTER)).length, before.length);
	});

	test('orders go when their account has been silent for as long as it said', async () => {
		const scene = stage();
		const { api } = scene;
		assert.ok((await resting(QUOTER)).length > 0, 'nothing rests');
		const { events } = await send(api, api.tx.trading.setCancelOnSilence(account(QUOTER), 2), scene.key(QUOTER));
		assert.equal(only(events, 'CancelOnSilenceSet').blocks, 2n);
		await scene.blocks(4);
		assert.deepEqual(await resting(QUOTER), []);
		await send(api, api.tx.trading.setCancelOnSilence(account(QUOTER), null), scene.key(QUOTER));
		// The next test needs one that rests.
		await place(QUOTER, order(scene.perpetual, parse(1), price - 3n * tick, POST_ONLY));
	});

	test('all orders can be cancelled, and their deposits come back', async () => {
		const scene = stage();
		const { api } = scene;
		const { events } = await send(api, api.tx.trading.cancelAll(account(QUOTER), null), scene.key(QUOTER));
		assert.ok(eventsOf(events, 'trading', 'OrderCancelled').length > 0);
		assert.deepEqual(await resting(QUOTER), []);
		const { data } = plain(await api.query.system.account(scene.key(QUOTER).address));
		assert.equal(data.reserved, 0n);
		assert.equal((await scene.report(QUOTER)).openOrders.length, 0);
		assert.equal((await api.query.trading.levels.entries()).length, 0, 'a level is left');
		assert.equal((await api.query.trading.bookPages.entries()).length, 0, 'a page is left');
	});

	test('takers and makers have paid what their fills said', async () => {
		const scene = stage();
		const { cash } = await scene.report(TAKER);
		await send(scene.api, scene.api.tx.margin.withdraw(0, 'Cash', cash), scene.key(TAKER));
		assert.ok(cash < 50_000n * USDC, 'nothing was paid');
		assert.ok((await cashOf(scene.api, scene.key(TAKER).address)) < 100_000n * USDC);
		await booksBalance(scene);
	});
}

/** @param {import('../lib/scene.mjs').Scene} scene */
function plainPerpetual(scene) {
	return { underlying: BigInt(scene.underlying), contract: 'Perpetual' };
}
