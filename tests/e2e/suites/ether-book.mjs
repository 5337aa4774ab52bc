// The order book of a collateral pair: what is set aside, who fills, and swaps that take from it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atBest, collateralAsset, collateralBooks, stateAt, toldOf } from '../lib/chain.mjs';
import { parse } from '../lib/format.mjs';
import { IMMEDIATE, POST_ONLY, RESTING } from '../lib/orders.mjs';
import { plain } from '../lib/plain.mjs';
import { subAccount, swapQuote } from '../lib/quote.mjs';
import { report } from '../lib/report.mjs';
import { errorName, named, send, sudo } from '../lib/tx.mjs';
import { until } from '../lib/wait.mjs';
import { booksBalance } from './main-path.mjs';

const USDC = 10n ** 6n;
const ETHER = 10n ** 18n;
const ONE = parse(1);
const MAKER = '//EtherMaker';
const TAKER = '//EtherTaker';
const DONOR = '//Eve';
const ETH = 0;
const HELD = ETHER / 5n;
const CASH = 1_000n * USDC;
const TICK = ONE / 100n;
const LOT = ETHER / 1_000n;
const TERMS = { tick: TICK, lot: LOT, minimumValue: parse(10), priceBand: 100_000 };
const SIZE = ETHER / 20n;

/** @param {() => import('../lib/scene.mjs').Scene} stage */
export function etherBook(stage) {
	/** @type {bigint} a price in whole ticks, about the oracle's */
	let middle;
	const account = (/** @type {string} */ name) => subAccount(stage().key(name).address);
	const calls = () => /** @type {any} */ (stage().api.tx.spot);
	const signed = (/** @type {any} */ tx, /** @type {string} */ name) => send(stage().api, tx, stage().key(name));
	const order = (/** @type {string} */ side, /** @type {bigint} */ price, /** @type {any} */ timeInForce = RESTING, amount = SIZE) =>
		({ collateral: ETH, side, price, amount, timeInForce, selfTrade: 'CancelResting' });
	const place = (/** @type {string} */ name, /** @type {any} */ terms, fills = 4) => signed(calls().placeOrder(account(name), terms, fills), name);
	/** What an order of this price comes to, settlement units. @param {bigint} price @param {bigint} amount */
	const comesTo = (price, amount) => (price * amount) / ONE / (ETHER / USDC);
	const reportOf = async (/** @type {string} */ name, /** @type {any} */ state) => report(state, stage().key(name).address);
	const now = async (/** @type {string} */ name) => reportOf(name, await atBest(stage().api));

	test('pair is opened and both sides have something to trade', async () => {
		const scene = stage();
		const { api } = scene;
		const spot = plain(await api.query.oracle.aggregates(scene.underlying)).spot.value;
		middle = spot - (spot % TICK);
		await scene.fund({ [MAKER]: CASH, [TAKER]: CASH });
		await sudo(api, scene.alice, calls().setPair(ETH, TERMS));
		const ether = await collateralAsset(api, ETH);
		const donor = scene.key(DONOR);
		const first = (await api.rpc.system.accountNextIndex(donor.address)).toNumber();
		await Promise.all([MAKER, TAKER].map((name, at) =>
			send(api, api.tx.assets.transfer(ether, scene.key(name).address, HELD), donor, { nonce: first + at })));
		for (const name of [MAKER, TAKER]) {
			await scene.deposit(name, CASH);
			await signed(api.tx.margin.deposit(0, { Collateral: ETH }, HELD), name);
		}
	});

	test('order that rests sets aside what it gives, and a deposit is held', async () => {
		const before = await now(MAKER);
		const { events } = await place(MAKER, order('Sell', middle + 50n * TICK, POST_ONLY));
		await place(MAKER, order('Buy', middle - 50n * TICK, POST_ONLY));
		const [placed] = toldOf(events, 'spot', 'OrderPlaced');
		assert.equal(placed.terms.amount, SIZE);
		const after = await now(MAKER);
		const price = comesTo(middle - 50n * TICK, SIZE);
		const fee = (price * BigInt(after.fees.maker) + 999_999n) / 1_000_000n;
		assert.deepEqual(after.setAside, { cash: price + fee, collateral: [[BigInt(ETH), SIZE]] });
		assert.equal(before.cash - after.cash, price + fee);
		assert.equal(before.collateral[0][1] - after.collateral[0][1], SIZE);
		const { data } = plain(await stage().api.query.system.account(stage().key(MAKER).address));
		assert.ok(data.reserved > 0n, 'nothing is held');
		await booksBalance(stage());
	});

	test('immediate order fills at the resting price and both pay their fees', async () => {
		const { events, blockHash } = await place(TAKER, order('Buy', middle + 60n * TICK, IMMEDIATE, SIZE / 2n));
		const [fill] = toldOf(events, 'spot', 'OrderFilled');
		const price = middle + 50n * TICK;
		assert.deepEqual([fill.side, fill.amount, fill.price, fill.cash], ['Buy', SIZE / 2n, price, comesTo(price, SIZE / 2n)]);
		const { parentHash } = await stage().api.rpc.chain.getHeader(blockHash);
		const [was, is] = await Promise.all([parentHash.toHex(), blockHash].map((hash) => stateAt(stage().api, hash)));
		const [taken, given] = [await reportOf(TAKER, is), await reportOf(TAKER, was)];
		assert.equal(given.cash - taken.cash, fill.cash + fill.takerFee);
		assert.equal(taken.collateral[0][1] - given.collateral[0][1], SIZE / 2n);
		const [made, rested] = [await reportOf(MAKER, is), await reportOf(MAKER, was)];
		assert.equal(made.cash - rested.cash, fill.cash - fill.makerFee);
		assert.equal(made.setAside.collateral[0][1], SIZE / 2n);
	});

	test('orders are refused by name', async () => {
		assert.equal(await errorName(place(TAKER, order('Buy', middle + 60n * TICK, POST_ONLY))), 'spot.WouldFill');
		assert.equal(await errorName(place(TAKER, order('Buy', middle + 1n))), 'spot.PriceNotInTicks');
		assert.equal(await errorName(place(TAKER, order('Buy', middle, RESTING, LOT + 1n))), 'spot.AmountNotInLots');
		assert.equal(await errorName(place(TAKER, order('Buy', middle, RESTING, LOT))), 'spot.OrderTooSmall');
		assert.equal(await errorName(place(TAKER, order('Buy', middle - 100n * TICK, RESTING, 10n * ETHER))), 'margin.InsufficientCash');
		assert.equal(await errorName(place(TAKER, order('Sell', middle + 100n * TICK, RESTING, 10n * ETHER))), 'margin.InsufficientCollateral');
	});

	test('swap takes from the book what is better than the pool', async () => {
		const { api } = stage();
		// Where there is a pool, more was sold to it than bought: it gives less than the maker's bid.
		const worst = middle - 55n * TICK - middle / 1_000n;
		const amount = SIZE / 5n;
		const quoted = plain(await api.call.spotApi.quoteSwap(account(TAKER), ETH, 'Sell', amount, worst, true, [])).Ok;
		const { events } = await signed(calls().swap(account(TAKER), ETH, 'Sell', amount, worst, true, []), TAKER);
		const [told] = toldOf(events, 'spot', 'Swapped');
		assert.deepEqual([told.amount, told.cash, told.slices], [quoted.amount, quoted.cash, quoted.slices]);
		const book = told.slices.filter((/** @type {any} */ slice) => slice.venue === 'Book');
		const fills = toldOf(events, 'spot', 'OrderFilled');
		assert.equal(book.length, fills.length);
		assert.ok(fills.length > 0, 'nothing came from the book');
		assert.equal(book[0].cash, fills[0].cash - fills[0].takerFee);
	});

	test('swap takes a quote that a maker has signed, once, and passes over one that was changed', async () => {
		const { api } = stage();
		const price = middle - 40n * TICK;
		const quote = await swapQuote(api, stage().key(MAKER), { collateral: ETH, side: 'Buy', price, amount: SIZE });
		const amount = SIZE / 5n;
		const swap = (/** @type {any} */ brought) => calls().swap(account(TAKER), ETH, 'Sell', amount, middle - 55n * TICK - middle / 1_000n, true, [brought]);
		const changed = { ...quote, quote: { ...quote.quote, price: middle } };
		const quoted = plain(await api.call.spotApi.quoteSwap(account(TAKER), ETH, 'Sell', amount, 1n, true, [changed])).Ok;
		assert.equal(quoted.passedOver.length, 1);
		const before = await now(MAKER);
		const { events } = await signed(swap(quote), TAKER);
		const [taken] = toldOf(events, 'spot', 'QuoteTaken');
		assert.deepEqual([taken.side, taken.amount, taken.price, taken.cash], ['Sell', amount, price, comesTo(price, amount)]);
		const after = await now(MAKER);
		assert.equal(before.cash - after.cash, taken.cash + taken.makerFee);
		assert.deepEqual(after.setAside, before.setAside);
		const again = await signed(swap(quote), TAKER);
		const passedOver = again.events.find((event) => event.method === 'QuotePassedOver');
		assert.equal(named(api, passedOver.data.error).chainName, 'trading.NonceUsed');
		await booksBalance(stage());
	});

	test('silence cancels orders in collateral with the others', async () => {
		const { api } = stage();
		await signed(/** @type {any} */ (api.tx.trading).setCancelOnSilence(account(MAKER), 3), MAKER);
		await until(async () => {
			const { setAside } = await now(MAKER);
			return setAside.cash === 0n && setAside.collateral.length === 0;
		}, { what: 'the orders to go', ms: 60_000, every: 500 });
		await signed(/** @type {any} */ (api.tx.trading).setCancelOnSilence(account(MAKER), null), MAKER);
		assert.equal((await api.query.spot.orders.entries()).length, 0);
	});

	test('cancelling all gives everything back, the pair is closed, and the books balance', async () => {
		const scene = stage();
		const { api } = scene;
		const before = await now(TAKER);
		await place(TAKER, order('Buy', middle - 50n * TICK));
		await place(TAKER, order('Sell', middle + 50n * TICK));
		await signed(calls().cancelAll(account(TAKER), null), TAKER);
		const after = await now(TAKER);
		assert.deepEqual(after.setAside, { cash: 0n, collateral: [] });
		assert.deepEqual([after.cash, after.collateral], [before.cash, before.collateral]);
		await sudo(api, scene.alice, calls().setPair(ETH, null));
		assert.equal(await errorName(place(TAKER, order('Buy', middle))), 'spot.UnknownPair');
		const books = await collateralBooks(await atBest(api), ETH);
		assert.equal(books.recorded, books.booked);
		assert.equal(books.booked, books.held);
		await booksBalance(scene);
	});
}
