// What trades as a package, through polkadot.js: a request for quotes (one asks, makers answer, one answer is
// taken) and complex orders (in the books, and one with another).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldsOf, instrumentName, positionsOf } from '../lib/chain.mjs';
import { parse } from '../lib/format.mjs';
import { order, placeOrder } from '../lib/orders.mjs';
import { plain } from '../lib/plain.mjs';
import { subAccount } from '../lib/quote.mjs';
import { errorName, eventsOf, send } from '../lib/tx.mjs';
import { booksBalance } from './main-path.mjs';

const USDC = 10n ** 6n;
const ASKER = '//Asker';
const DEALER = '//Dealer';
const RIVAL = '//Rival';

/** @param {() => import('../lib/scene.mjs').Scene} stage @param {() => any} callOf */
export function negotiated(stage, callOf) {
	/** @type {bigint} */
	let request;
	/** @type {bigint[]} what a leg costs per contract at mark, in ticks */
	let marks;
	const account = (/** @type {string} */ name) => subAccount(stage().key(name).address);
	const now = async () => (await stage().api.rpc.chain.getHeader()).number.toNumber();
	const signed = (/** @type {any} */ tx, /** @type {string} */ name) => send(stage().api, tx, stage().key(name));
	const calls = () => /** @type {any} */ (stage().api.tx.trading);
	const only = (/** @type {any[]} */ events, /** @type {string} */ name) => {
		const found = eventsOf(events, 'trading', name);
		assert.equal(found.length, 1, `${name}: ${found.length}`);
		return fieldsOf(found[0]);
	};
	const legs = () => [
		{ instrument: callOf(), size: parse(2) },
		{ instrument: stage().perpetual, size: parse(-1) },
	];
	const answer = async (/** @type {string} */ name, /** @type {any} */ terms) =>
		signed(calls().answerRequest(request, account(name), { ask: null, bid: null, validUntil: (await now()) + 30, ...terms }), name);

	test('request tells all what is asked and holds a deposit', async () => {
		const scene = stage();
		const { api } = scene;
		await scene.fund({ [ASKER]: 100_000n * USDC, [DEALER]: 100_000n * USDC, [RIVAL]: 100_000n * USDC });
		await Promise.all([ASKER, DEALER, RIVAL].map((name) => scene.deposit(name, 100_000n * USDC)));
		const terms = { legs: legs(), twoSided: true, makers: [DEALER, RIVAL].map((name) => scene.key(name).address), expiryBlock: (await now()) + 50 };
		const { events } = await signed(calls().requestQuote(account(ASKER), terms), ASKER);
		const asked = only(events, 'QuoteRequested');
		({ request } = asked);
		assert.equal(asked.terms.legs.length, 2);
		const { data } = plain(await api.query.system.account(scene.key(ASKER).address));
		assert.ok(data.reserved > 0n, 'nothing is held');
		marks = [];
		for (const { instrument } of legs()) marks.push(await scene.onTick(instrument, await scene.mark(instrument)));
	});

	test('only who is named may answer, for sides that are asked', async () => {
		assert.match(await errorName(answer('//Bob', { ask: marks })), /^trading\.NotNamedMaker$/);
		assert.match(await errorName(answer(DEALER, {})), /^trading\.EmptyAnswer$/);
		assert.match(await errorName(answer(DEALER, { ask: marks.slice(1) })), /^trading\.WrongNumberOfPrices$/);
	});

	test('answer is replaced by a better one, and withdrawn', async () => {
		const scene = stage();
		const [call, perpetual] = marks;
		const { tick } = await scene.terms(callOf());
		await answer(DEALER, { ask: [call + 5n * tick, perpetual] });
		const { events } = await answer(DEALER, { ask: [call + tick, perpetual] });
		assert.deepEqual(only(events, 'RequestAnswered').terms.ask, [call + tick, perpetual]);
		await answer(RIVAL, { ask: marks, bid: marks });
		const withdrawn = await signed(calls().withdrawAnswer(request, account(RIVAL)), RIVAL);
		assert.equal(only(withdrawn.events, 'AnswerWithdrawn').cause, 'Withdrawn');
	});

	test('answer that costs more than the taker allows is not taken', async () => {
		const limit = parse(-1_000_000_000);
		assert.match(await errorName(signed(calls().acceptAnswer(request, account(DEALER), 'Buy', limit), ASKER)), /^trading\.WorseThanLimit$/);
		assert.match(await errorName(signed(calls().acceptAnswer(request, account(DEALER), 'Sell', parse(0)), ASKER)), /^trading\.SideNotAnswered$/);
		assert.match(await errorName(signed(calls().acceptAnswer(request, account(RIVAL), 'Buy', parse(0)), ASKER)), /^trading\.UnknownAnswer$/);
	});

	test('answer that is taken trades all legs, and ends the request', async () => {
		const scene = stage();
		const { api } = scene;
		const { tick } = await scene.terms(callOf());
		const [call, perpetual] = marks;
		const { events } = await signed(calls().acceptAnswer(request, account(DEALER), 'Buy', 2n * (call + tick) - perpetual), ASKER);
		assert.deepEqual(only(events, 'RequestFilled').legs.map((/** @type {any} */ leg) => leg.size), [parse(2), parse(-1)]);
		const held = await positionsOf(api, scene.key(ASKER).address);
		assert.deepEqual([...held.values()].sort(), [parse(-1), parse(2)].sort());
		const opposite = await positionsOf(api, scene.key(DEALER).address);
		for (const [name, size] of held) assert.equal(opposite.get(name), -size, name);
		assert.equal(held.size, 2, [...held.keys()].join());
		for (const name of [ASKER, DEALER, RIVAL]) {
			const { data } = plain(await api.query.system.account(scene.key(name).address));
			assert.equal(data.reserved, 0n, `${name}'s deposit is not back`);
		}
		assert.equal((await /** @type {any} */ (api.query.trading).requests.entries()).length, 0);
		assert.ok(held.has(instrumentName({ underlying: BigInt(scene.underlying), contract: 'Perpetual' })));
		await booksBalance(scene);
	});

	const complex = (/** @type {any[]} */ legs, /** @type {bigint} */ most, /** @type {any} */ rest = null) => ({ legs, most, selfTrade: 'CancelResting', rest });
	const placeComplex = (/** @type {string} */ name, /** @type {any} */ terms, fills = 8) => signed(calls().placeComplexOrder(account(name), terms, fills), name);
	const opposite = () => legs().map(({ instrument, size }) => ({ instrument, size: -size }));

	test('complex order fills all of its legs in their books, at no more than its net price', async () => {
		const scene = stage();
		const [call, perpetual] = await Promise.all(legs().map(async ({ instrument }) => scene.onTick(instrument, await scene.mark(instrument))));
		await signed(placeOrder(scene.api, account(DEALER), order(callOf(), parse(2), call)), DEALER);
		await signed(placeOrder(scene.api, account(DEALER), order(scene.perpetual, parse(-1), perpetual)), DEALER);
		assert.match(await errorName(placeComplex(ASKER, complex(opposite(), parse(-1_000_000)))), /^trading\.WorseThanLimit$/);
		const { events } = await placeComplex(ASKER, complex(opposite(), parse(1_000_000)));
		const filled = only(events, 'ComplexOrderFilled');
		const fills = eventsOf(events, 'trading', 'OrderFilled').map((event) => fieldsOf(event));
		const value = (/** @type {any} */ fill) => ((fill.side === 'Buy' ? 1n : -1n) * fill.size * fill.price) / parse(1);
		assert.equal(filled.cost, fills.map(value).reduce((sum, one) => sum + one, 0n));
		assert.equal(filled.orders.length, 2);
		assert.equal((await positionsOf(scene.api, scene.key(ASKER).address)).size, 0, 'the hedge is closed in one step');
	});

	test('complex order that nobody takes rests, and another takes it whole', async () => {
		const scene = stage();
		const prices = await Promise.all(legs().map(async ({ instrument }) => scene.onTick(instrument, await scene.mark(instrument))));
		const [call, perpetual] = prices;
		const cost = 2n * call - perpetual;
		const rest = { prices, until: (await now()) + 30 };
		const rests = only((await placeComplex(DEALER, complex(legs(), cost, rest), 0)).events, 'ComplexOrderRests');
		assert.match(await errorName(placeComplex(ASKER, complex(opposite(), -cost - 1n), 0)), /^trading\.NotFilled$/);
		const taken = only((await placeComplex(ASKER, complex(opposite(), -cost), 0)).events, 'ComplexOrderTaken');
		assert.equal(taken.order, rests.order);
		assert.deepEqual(taken.legs.map((/** @type {any} */ leg) => leg.size), [parse(-2), parse(1)]);
		assert.equal((await positionsOf(scene.api, scene.key(ASKER).address)).size, 2);
		const { data } = plain(await scene.api.query.system.account(scene.key(DEALER).address));
		assert.equal(data.reserved, 0n, 'the deposit is not back');
		await booksBalance(scene);
	});
}
