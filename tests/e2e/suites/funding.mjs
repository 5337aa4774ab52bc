// Funding of a perpetual: what its book makes of the index, and what that makes one side pay the other.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cashOf, FUNDING_STEPS, numberOf, stateAt, toldOf } from '../lib/chain.mjs';
import { ceilTo, floorDiv, parse } from '../lib/format.mjs';
import { order, placeOrder, POST_ONLY } from '../lib/orders.mjs';
import { plain } from '../lib/plain.mjs';
import { subAccount } from '../lib/quote.mjs';
import { report } from '../lib/report.mjs';
import { send, sudo } from '../lib/tx.mjs';
import { booksBalance } from './main-path.mjs';

const USDC = 10n ** 6n;
const ONE = parse(1);
const EIGHT_HOURS = 8n * 3_600_000n;
const LONG = '//Long';
const SHORT = '//Short';
const LEANING = '//Leaning';
const DEPOSIT = 100_000n * USDC;
/** A minute, so that a few blocks show. */
const PARAMS = { interest: 0n, damper: parse('0.0005'), cap: parse('0.005'), clamp: parse('0.02'), smoothing: 60_000n, minimumQuote: parse(1_000), mark: { clamp: parse('0.005'), smoothing: 300_000n } };

/** @param {() => import('../lib/scene.mjs').Scene} stage */
export function funding(stage) {
	/** @type {bigint} what the two trade at, whenever they do */
	let price;
	/** What rests in the book, and from which block on. @type {{ block: number, bid: bigint | null, ask: bigint | null }[]} */
	const book = [];
	/** The block up to which the index was followed. */
	let followed = 0;
	/** What the long had to pay so far, in steps. */
	let owed = 0n;
	/** The index up to which it has. */
	let settledAt = 0n;
	let paid = 0n;
	let received = 0n;
	const held = { long: parse(10), short: parse(-10) };

	const account = (/** @type {string} */ name) => subAccount(stage().key(name).address);
	const indexAt = async (/** @type {any} */ state) =>
		plain(await state.query.markets.funding()).find((/** @type {any} */ one) => one.underlying === BigInt(stage().underlying));
	/** Follows the index up to a block. @param {number} to */
	const follow = async (to) => {
		const { api, underlying } = stage();
		let state = await stateAt(api, followed);
		let before = await indexAt(state);
		let since = plain(await state.query.markets.fundingAt());
		for (let block = followed + 1; block <= to; block += 1) {
			state = await stateAt(api, block);
			const now = plain(await state.query.markets.fundingAt());
			const { value: spot } = plain(await state.query.oracle.aggregates(underlying)).spot;
			// The block's hook sees the book that the block before left.
			const quotes = book.findLast((one) => one.block < block) ?? { bid: null, ask: null };
			const after = await indexAt(state);
			assert.deepEqual(after, grown(before, quotes, spot, now - since), `block ${block}`);
			[before, since] = [after, now];
		}
		followed = to;
		return before;
	};
	/** The two trade `size` with each other, so that both are touched in one block. @param {bigint} size what the long buys */
	const meet = (size) => stage().trade(LONG, SHORT, [{ instrument: stage().perpetual, size, price }]);
	/** What the long buys with a trade is accounted for, and what that made the two pay. @param {bigint} size */
	const settle = async (size) => {
		const scene = stage();
		const { events, blockHash } = await meet(size);
		const { index } = await follow(await numberOf(scene.api, blockHash));
		owed += held.long * (index - settledAt);
		settledAt = index;
		// Each has the lower of the two units that the exact amount lies between.
		const due = { long: floorDiv(-owed, FUNDING_STEPS) - paid, short: floorDiv(owed, FUNDING_STEPS) - received };
		const told = toldOf(events, 'margin', 'FundingPaid');
		const of = (/** @type {string} */ name) => told.find((one) => one.account.owner === scene.key(name).address);
		assert.equal(told.length, 2);
		assert.deepEqual([of(LONG).amount, of(SHORT).amount], [due.long, due.short]);
		assert.deepEqual(told.map((one) => one.index), [index, index]);
		paid += due.long;
		received += due.short;
		held.long += size;
		held.short -= size;
		assert.ok(paid + received === 0n || paid + received === -1n, `${paid} ${received}`);
		return { due, blockHash };
	};

	test('perpetual costs nothing when nobody quotes away from the index', async () => {
		const scene = stage();
		const { api, perpetual } = scene;
		await scene.fund({ [LONG]: DEPOSIT, [SHORT]: DEPOSIT, [LEANING]: DEPOSIT });
		await Promise.all([LONG, SHORT, LEANING].map((name) => scene.deposit(name, DEPOSIT)));
		const { blockHash: set } = await sudo(api, scene.alice, api.tx.markets.setFunding(scene.underlying, /** @type {any} */ (PARAMS)));
		followed = await numberOf(api, set);
		const { index } = await indexAt(await stateAt(api, set));
		price = await scene.onTick(perpetual, await scene.mark(perpetual));
		const { blockHash } = await meet(held.long);
		await scene.blocks(2);
		assert.equal((await follow((await numberOf(api, blockHash)) + 2)).index, index);
		settledAt = index;
	});

	test('index rises in each block by what a bid above it makes of the rate', async () => {
		const scene = stage();
		const { api, perpetual } = scene;
		const { tick } = await scene.terms(perpetual);
		const bid = ceilTo((price * 1_005n) / 1_000n, tick);
		const { blockHash } = await send(api, placeOrder(api, account(LEANING), order(perpetual, parse(1), bid, POST_ONLY)), scene.key(LEANING));
		const block = await numberOf(api, blockHash);
		book.push({ block, bid, ask: null });
		await scene.blocks(4);
		const { index, premium, rate } = await follow(block + 4);
		assert.ok(index > settledAt && premium > PARAMS.damper && rate > 0n, `${index} ${premium} ${rate}`);
	});

	test('long pays what the short receives when half is closed', async () => {
		const scene = stage();
		const { due, blockHash } = await settle(parse(-5));
		assert.ok(due.long < 0n && due.short > 0n, `${due.long} ${due.short}`);
		const state = await stateAt(scene.api, blockHash);
		const [long, short] = await Promise.all([LONG, SHORT].map((name) => report(state, scene.key(name).address)));
		assert.deepEqual([long.positions[0].totals.funding, short.positions[0].totals.funding], [due.long, due.short]);
		assert.deepEqual([long.cash, short.cash], [DEPOSIT + due.long, DEPOSIT + due.short]);
	});

	test('short pays what the long receives when the book asks below the index', async () => {
		const scene = stage();
		const { api, perpetual } = scene;
		const [resting] = plain(await api.query.trading.ordersOf(account(LEANING)));
		const ask = await scene.onTick(perpetual, (price * 98n) / 100n);
		const terms = order(perpetual, parse(-1), ask, POST_ONLY);
		const { blockHash } = await send(api, api.tx.trading.replaceOrder(account(LEANING), resting, /** @type {any} */ (terms), 10), scene.key(LEANING));
		const block = await numberOf(api, blockHash);
		book.push({ block, bid: null, ask });
		// The premium must first come down; then the index falls by more than it still rose.
		await scene.blocks(8);
		const { index, rate } = await follow(block + 8);
		assert.ok(index < settledAt && rate < 0n, `${index} ${settledAt} ${rate}`);
		const { due } = await settle(parse(-5));
		assert.ok(due.long > 0n && due.short < 0n, `${due.long} ${due.short}`);
	});

	test('nothing of what was paid is lost when all is closed', async () => {
		const scene = stage();
		const { api } = scene;
		const [resting] = plain(await api.query.trading.ordersOf(account(LEANING)));
		await send(api, api.tx.trading.cancelOrder(account(LEANING), resting), scene.key(LEANING));
		const rest = [[LONG, DEPOSIT + paid], [SHORT, DEPOSIT + received]];
		await Promise.all(rest.map(([name, cash]) => send(api, api.tx.margin.withdraw(0, 'Cash', cash), scene.key(/** @type {string} */ (name)))));
		for (const [name, cash] of rest) {
			const { address } = scene.key(/** @type {string} */ (name));
			assert.equal(await cashOf(api, address), cash);
			assert.equal((await api.query.margin.accounts(account(/** @type {string} */ (name)))).isEmpty, true);
		}
		await booksBalance(scene);
	});
}

/** @param {bigint} value @param {bigint} bound */
function within(value, bound) {
	if (value > bound) return bound;
	return value < -bound ? -bound : value;
}

/**
 * A perpetual's funding after `elapsed` ms with these quotes and this index price, worked out anew from
 * what `PARAMS` mean: a sample of the premium, smoothed, and the rate that it makes.
 * @param {any} before
 * @param {{ bid: bigint | null, ask: bigint | null }} quotes
 * @param {bigint} spot @param {bigint} elapsed
 */
function grown(before, { bid, ask }, spot, elapsed) {
	const distance = bid !== null && bid > spot ? bid - spot : ask !== null && ask < spot ? ask - spot : 0n;
	const sample = within((distance * ONE) / spot, PARAMS.clamp);
	const premium = approached(before.premium, sample, elapsed, PARAMS.smoothing);
	const rate = within(premium + within(PARAMS.interest - premium, PARAMS.damper), PARAMS.cap);
	const growth = (((spot * rate) / ONE) * elapsed) / EIGHT_HOURS;
	// Only one side is ever quoted here: the mark goes back to the oracle's price.
	const markPremium = approached(before.markPremium, 0n, elapsed, PARAMS.mark.smoothing);
	return { underlying: before.underlying, index: before.index + growth, premium, rate, markPremium };
}

/**
 * The part of the way that `elapsed` is of itself and of `over`, the step rounded up.
 * @param {bigint} from @param {bigint} to @param {bigint} elapsed @param {bigint} over
 */
function approached(from, to, elapsed, over) {
	const way = to < from ? from - to : to - from;
	const step = (way * elapsed + elapsed + over - 1n) / (elapsed + over);
	return to < from ? from - step : from + step;
}
