// Contracts listed by a rule and traded; and an expiry: the average, the payments, and nothing left.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventsBetween, FUNDING_STEPS, instrumentName, numberOf, positionsOf, stateAt, toldOf } from '../lib/chain.mjs';
import { floorDiv, parse } from '../lib/format.mjs';
import { chainTime } from '../lib/node.mjs';
import { IMMEDIATE, order, placeOrder } from '../lib/orders.mjs';
import { plain } from '../lib/plain.mjs';
import { future, option, subAccount } from '../lib/quote.mjs';
import { errorName, send, sudo } from '../lib/tx.mjs';
import { until } from '../lib/wait.mjs';
import { booksBalance } from './main-path.mjs';

const USDC = 10n ** 6n;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const BLOCK = 6_000;
/** What an average is taken over, ms. */
const WINDOW = 30 * 60_000;
const WRITER = '//Writer';
const HOLDER = '//Holder';
const DEPOSIT = 100_000n * USDC;
const CONTRACT = { tick: parse('0.01'), lot: parse('0.01'), openInterestCap: parse(10_000) };
const NONE = { count: 0, strikesEachSide: 0, strikeStep: 0 };
const EACH_SIDE = 2;
/** The next two Fridays, with strikes a hundredth of the forward apart, at most. */
const RULE = { daily: NONE, weekly: { count: 2, strikesEachSide: EACH_SIDE, strikeStep: 10_000 }, monthly: NONE, quarterly: NONE, options: CONTRACT, futures: CONTRACT };

/** @param {() => import('../lib/scene.mjs').Scene} stage */
export function listing(stage) {
	/** @type {any} a call that the rule has listed, at the strike nearest to the money */
	let call;
	/** @type {bigint} the distance of strikes */
	let step;
	const account = (/** @type {string} */ name) => subAccount(stage().key(name).address);
	const place = (/** @type {string} */ name, /** @type {any} */ terms) => send(stage().api, placeOrder(stage().api, account(name), terms), stage().key(name));
	const setRule = (/** @type {any} */ rule) => sudo(stage().api, stage().alice, stage().api.tx.markets.setListingRule(stage().underlying, rule));
	const contractsOf = async (/** @type {number} */ expiry) =>
		plain(await stage().api.query.markets.expiryContracts(stage().underlying, expiry)).map((/** @type {any} */ one) => one.contract);
	const quoteAlso = async (/** @type {number[]} */ expiries) => {
		stage().expiries = [...new Set([...stage().expiries, ...expiries])];
		await stage().requote();
	};

	test('rule lists the next Fridays with strikes around the price, and nothing else', async () => {
		const scene = stage();
		const { api, underlying } = scene;
		await scene.fund({ [WRITER]: DEPOSIT, [HOLDER]: DEPOSIT });
		await Promise.all([scene.deposit(WRITER, DEPOSIT), scene.deposit(HOLDER, DEPOSIT)]);
		const before = scene.expiries;
		const { blockHash } = await setRule(RULE);
		const state = await stateAt(api, blockHash);
		const { value: spot } = plain(await state.query.oracle.aggregates(underlying)).spot;
		const expiries = fridays(await chainTime(state), 2);
		step = strikeStep(spot, plain(await api.query.markets.underlyings(underlying)).strikeStep);
		const nearest = ((spot + step / 2n) / step) * step;
		const strikes = Array.from({ length: 2 * EACH_SIDE + 1 }, (_, i) => nearest + BigInt(i - EACH_SIDE) * step);
		const due = (/** @type {number} */ expiry) => [
			{ Future: { expiry: BigInt(expiry) } },
			...strikes.flatMap((strike) => ['Call', 'Put'].map((kind) => ({ Option: { expiry: BigInt(expiry), strike, kind } }))),
		];
		const [last] = expiries.slice(-1);
		await until(async () => (await contractsOf(last)).length >= due(last).length, { what: 'the rule to be kept', ms: 60_000 });
		await scene.blocks(1);
		for (const expiry of expiries) assert.deepEqual(inOrder(await contractsOf(expiry)), inOrder(due(expiry)));
		const listed = (await api.query.markets.instruments.entries()).map(([key]) => expiryOf(plain(key.args[0])));
		assert.deepEqual([...new Set(listed)].sort(), [0, ...before, ...expiries].sort());
		call = option(underlying, last, nearest, 'Call');
		await quoteAlso(expiries);
	});

	test('contract listed by rule is traded once operators report on it', async () => {
		const scene = stage();
		await scene.waitForPrices(call);
		const price = await scene.onTick(call, await scene.mark(call));
		await place(WRITER, order(call, parse(-1), price));
		const { events } = await place(HOLDER, order(call, parse(1), price, IMMEDIATE));
		const [filled] = toldOf(events, 'trading', 'OrderFilled');
		assert.deepEqual([filled.size, filled.price], [parse(1), price]);
		assert.equal((await scene.report(HOLDER)).cash, DEPOSIT - price / 10n ** 12n - filled.takerFee);
		const name = instrumentName(call);
		const [written, held] = await Promise.all([WRITER, HOLDER].map((one) => positionsOf(scene.api, scene.key(one).address)));
		assert.deepEqual([written.get(name), held.get(name)], [parse(-1), parse(1)]);
		assert.equal((await scene.terms(call)).openInterest, parse(1));
	});

	test('contract that the rule does not list is refused, and what is held stays listed without a rule', async () => {
		const scene = stage();
		const { api, underlying } = scene;
		const { expiry, strike } = call.contract.Option;
		const beyond = option(underlying, expiry, strike + BigInt(EACH_SIDE + 1) * step, 'Call');
		assert.match(await errorName(place(HOLDER, order(beyond, parse(1), parse(100)))), /\.UnknownInstrument$/);
		assert.equal(await errorName(sudo(api, scene.alice, api.tx.markets.delist(call))), 'markets.StillHeld');
		await setRule(null);
		assert.equal(await errorName(setRule(null)), 'markets.NoListingRule');
		const price = await scene.onTick(call, await scene.mark(call));
		await scene.trade(HOLDER, WRITER, [{ instrument: call, size: parse(-1), price }]);
		assert.equal((await scene.terms(call)).openInterest, 0n);
		await sudo(api, scene.alice, api.tx.markets.delist(call));
		assert.equal((await api.query.markets.instruments(call)).isNone, true);
	});

	test('expired future pays the average of the last minutes to the unit, and nothing of it is left', async () => {
		const scene = stage();
		const { api, underlying, prices } = scene;
		const params = /** @type {any} */ (await api.query.oracle.params());
		// The window of this expiry opens late: a fiftieth of half an hour is enough.
		await sudo(api, scene.alice, api.tx.oracle.setParams(/** @type {any} */ ({ ...Object.fromEntries(params.entries()), settlementCoverage: 20_000 })));
		const expiry = (await chainTime(api)) + 16 * BLOCK;
		const dated = future(underlying, expiry);
		const { blockHash: listed } = await sudo(api, scene.alice, api.tx.markets.list(dated, CONTRACT));
		const from = await numberOf(api, listed);
		await quoteAlso([expiry]);
		await scene.waitForPrices(dated);
		const price = await scene.onTick(dated, await scene.mark(dated));
		const cash = await Promise.all([HOLDER, WRITER].map(async (name) => (await scene.report(name)).cash));
		await scene.trade(HOLDER, WRITER, [{ instrument: dated, size: parse(3), price }]);
		// So that the average is none of the prices.
		await prices.control({ scale: 1.01 });
		await until(async () => (await api.query.markets.instruments(dated)).isNone, { what: 'the future to be settled', ms: 90_000 });
		const to = (await api.rpc.chain.getHeader()).number.toNumber();
		const events = (await eventsBetween(api, from, to)).filter(({ section }) => section === 'markets' || section === 'margin');
		const of = (/** @type {string} */ section, /** @type {string} */ method) => events.filter((one) => one.section === section && one.method === method);

		const [fixed] = of('markets', 'SettlementPriceFixed');
		const average = await averageOf(scene, expiry, from, fixed.block);
		assert.deepEqual(fixed.data, { underlying: BigInt(underlying), expiry: BigInt(expiry), price: average, source: 'Average' });
		// Bought at a price in ticks, which is a whole number of units; paid size × average, rounded down.
		const entry = (parse(3) * price) / FUNDING_STEPS;
		const due = [1n, -1n].map((sign) => floorDiv(sign * parse(3) * average, FUNDING_STEPS) - sign * entry);
		assert.notEqual(due[0], 0n);
		const settled = [HOLDER, WRITER].map((name) => of('margin', 'Settled').find(({ data }) => data.account.owner === scene.key(name).address)?.data);
		assert.deepEqual(settled.map((data) => [data?.size, data?.price, data?.cashChange]), [[parse(3), average, due[0]], [parse(-3), average, due[1]]]);
		const after = await Promise.all([HOLDER, WRITER].map(async (name) => (await scene.report(name)).cash));
		assert.deepEqual(after, cash.map((before, i) => before + due[i]));
		assert.deepEqual(of('margin', 'SettlementFinished').map(({ data }) => data.dust), [-(due[0] + due[1])]);
		assert.deepEqual([of('markets', 'Settled').length, of('markets', 'ExpiryClosed').length], [1, 1]);

		assert.equal((await contractsOf(expiry)).length, 0);
		assert.equal((/** @type {any} */ (await api.query.markets.settlementPrices(underlying, expiry))).isNone, true);
		for (const left of [await api.query.markets.calendar(), await api.query.oracle.settlementWindows()]) {
			assert.ok(!plain(left).some((/** @type {any} */ one) => one.expiry === BigInt(expiry)), 'it is still pending');
		}
		await prices.control({ scale: 1 });
		scene.expiries = scene.expiries.filter((one) => one !== expiry);
		await scene.requote();
		await sudo(api, scene.alice, api.tx.oracle.setParams(params));
		await booksBalance(scene);
	});
}

/** The Fridays after a moment, 08:00 UTC, of which none is within an hour. @param {number} now ms @param {number} count */
function fridays(now, count) {
	const found = [];
	for (let day = Math.floor(now / DAY) * DAY + 8 * HOUR; found.length < count; day += DAY) {
		if (day > now && new Date(day).getUTCDay() === 5) found.push(day);
	}
	return found.filter((day) => day > now + HOUR);
}

/** The largest of 1, 2, 2.5 and 5 times a power of ten of an underlying's steps within a hundredth of a price. @param {bigint} spot @param {bigint} least */
function strikeStep(spot, least) {
	let best = least;
	for (let power = 1n; power * least <= spot / 100n; power *= 10n) {
		for (const tenths of [10n, 20n, 25n, 50n]) {
			const distance = (power * least * tenths) / 10n;
			if (distance % least === 0n && distance <= spot / 100n && distance > best) best = distance;
		}
	}
	return best;
}

/** When an instrument expires; 0 where it never does. @param {any} instrument decoded by `plain` */
function expiryOf({ contract }) {
	return contract === 'Perpetual' ? 0 : Number((contract.Option ?? contract.Future).expiry);
}

/** Contracts as text, in an order of their own. @param {any[]} contracts */
function inOrder(contracts) {
	return contracts.map((contract) => JSON.stringify(contract, (_, value) => (typeof value === 'bigint' ? value.toString() : value))).sort();
}

/**
 * What an expiry settles at: the prices that blocks published, each for as long as it held, in the window.
 * @param {import('../lib/scene.mjs').Scene} scene
 * @param {number} expiry
 * @param {number} from the block that opened the window @param {number} to the block that fixed the price
 */
async function averageOf(scene, expiry, from, to) {
	const { api, underlying } = scene;
	const maxAge = plain(await api.query.oracle.params()).maxAge;
	const smaller = (/** @type {bigint[]} */ values) => values.reduce((least, value) => (value < least ? value : least));
	const [opens, closes] = [BigInt(expiry - WINDOW), BigInt(expiry)];
	let weighted = 0n;
	let covered = 0n;
	const at = async (/** @type {number} */ block) => {
		const state = await stateAt(api, block);
		return { since: plain(await state.query.oracle.aggregatedAt()), spot: plain(await state.query.oracle.aggregates(underlying)).spot };
	};
	let before = await at(from);
	for (let block = from + 1; block <= to; block += 1) {
		const now = await at(block);
		const start = before.since > opens ? before.since : opens;
		const end = smaller([now.since, closes, before.spot.oldest + maxAge]);
		if (before.spot.failure === null && end > start) {
			weighted += before.spot.value * (end - start);
			covered += end - start;
		}
		before = now;
	}
	return weighted / covered;
}
