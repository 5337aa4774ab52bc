// What bad input gets through the real RPC: an error by name, and nothing changed.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from '../lib/format.mjs';
import { chainTime } from '../lib/node.mjs';
import { option, perpetual, quote, sign, subAccount } from '../lib/quote.mjs';
import { errorName, eventsOf, send, sudo } from '../lib/tx.mjs';
import { booksBalance } from './main-path.mjs';

const USDC = 10n ** 6n;
const TAKER = '//Careless';
const MAKER = '//Bob';
const ONE = parse(1);

/** @param {() => import('../lib/scene.mjs').Scene} stage @param {() => any} callOf */
export function badInput(stage, callOf) {
	/** A leg of the perpetual near its mark. @param {Record<string, unknown>} [overrides] */
	const leg = async (overrides = {}) => {
		const { perpetual: instrument } = stage();
		return { instrument, size: ONE, price: await stage().onTick(instrument, await stage().mark(instrument)), ...overrides };
	};
	/** @param {any[]} legs @param {Record<string, unknown>} [overrides] */
	const trading = (legs, overrides) => errorName(stage().trade(TAKER, MAKER, legs, overrides));
	/** @param {any[]} observations @param {string} [feeder] */
	const feeding = (observations, feeder = '//Feeder//2') =>
		errorName(send(stage().api, stage().api.tx.oracle.submit(observations), stage().key(feeder)));

	test('trader deposits for what follows', async () => {
		await stage().fund({ [TAKER]: 60_000n * USDC, '//Stranger': 10_000n * USDC });
		await stage().deposit(TAKER, 50_000n * USDC);
	});

	test('quote is refused when its block has passed or is too far away', async () => {
		const now = (await stage().api.rpc.chain.getHeader()).number.toNumber();
		assert.equal(await trading([await leg()], { expiryBlock: now - 1 }), 'trading.QuoteExpired');
		assert.equal(await trading([await leg()], { expiryBlock: now + 1_000_000 }), 'trading.ExpiryTooFar');
	});

	test('quote is refused when it is replayed', async () => {
		const scene = stage();
		const { api } = scene;
		const terms = await quote(api, scene.key(MAKER).address, [await leg()]);
		const taker = scene.key(TAKER);
		const submit = () => send(api, api.tx.trading.blockTrade(subAccount(taker.address), terms, sign(api, terms, scene.key(MAKER))), taker);
		await submit();
		assert.equal(await errorName(submit()), 'trading.NonceUsed');
	});

	test('quote is refused when it is for another chain', async () => {
		assert.equal(await trading([await leg()], { genesisHash: `0x${'11'.repeat(32)}` }), 'trading.WrongChain');
	});

	test('quote is refused when it was changed, or not signed by the maker', async () => {
		const scene = stage();
		const { api } = scene;
		const taker = scene.key(TAKER);
		const terms = await quote(api, scene.key(MAKER).address, [await leg()]);
		const signature = sign(api, terms, scene.key(MAKER));
		const take = (/** @type {any} */ changed, /** @type {any} */ with_) => errorName(send(api, api.tx.trading.blockTrade(subAccount(taker.address), changed, with_), taker));
		assert.equal(await take({ ...terms, nonce: terms.nonce + 1n }, signature), 'trading.BadSignature');
		assert.equal(await take(terms, sign(api, terms, taker)), 'trading.BadSignature');
		assert.equal(await take(terms, { Sr25519: new Uint8Array(64) }), 'trading.BadSignature');
		assert.equal(await take({ ...terms, signer: taker.address }, sign(api, { ...terms, signer: taker.address }, taker)), 'trading.SignerNotAllowed');
	});

	test('quote is refused when it is for somebody else or taken for somebody else', async () => {
		const scene = stage();
		const { api } = scene;
		assert.equal(await trading([await leg()], { taker: scene.key('//Stranger').address }), 'trading.NotNamedTaker');
		const terms = await quote(api, scene.key(MAKER).address, [await leg()]);
		const forOther = api.tx.trading.blockTrade(subAccount(scene.key(TAKER).address), terms, sign(api, terms, scene.key(MAKER)));
		assert.equal(await errorName(send(api, forOther, scene.key('//Stranger'))), 'trading.NotAllowedToTrade');
	});

	test('trade is refused by name when its size, price or instrument is bad', async () => {
		const now = await chainTime(stage().api);
		const call = callOf().contract.Option;
		const unlisted = option(1, call.expiry, parse(123_450), 'Put');
		const past = option(1, now - 1000, parse(3000), 'Call');
		/** @type {[Record<string, unknown>, string][]} */
		const cases = [
			[{ size: 0n }, 'trading.ZeroSize'],
			[{ size: 1n }, 'trading.SizeNotInLots'],
			[{ price: 0n }, 'trading.ZeroPrice'],
			[{ price: parse('3000.001') }, 'trading.PriceNotInTicks'],
			[{ instrument: unlisted }, 'trading.UnknownInstrument'],
			[{ instrument: past }, 'trading.UnknownInstrument'],
			[{ instrument: perpetual(9) }, 'trading.UnknownInstrument'],
		];
		for (const [bad, expected] of cases) assert.equal(await trading([await leg(bad)]), expected, JSON.stringify(Object.keys(bad)));
		assert.equal(await trading([]), 'trading.NoLegs');
		assert.equal(await trading([await leg(), await leg()]), 'trading.DuplicateInstrument');
	});

	test('trade is refused when it is beyond margin, caps or all numbers', async () => {
		assert.equal(await trading([await leg({ size: parse(1000) })]), 'margin.InitialMarginNotMet');
		assert.equal(await trading([await leg({ size: parse(1_000_000) })]), 'markets.OpenInterestCap');
		const lot = parse('0.001');
		const most = ((2n ** 127n - 1n) / lot) * lot;
		assert.equal(await trading([await leg({ price: parse(10n ** 18n) })]), 'trading.PriceOutsideBand');
		assert.match(await trading([await leg({ size: most })]), /^(margin\.Overflow|margin\.OutOfDomain|markets\.OpenInterest(Cap|Overflow))$/);
	});

	test('deposit and withdrawal are refused by name', async () => {
		const scene = stage();
		const { api } = scene;
		const taker = scene.key(TAKER);
		const doing = (/** @type {any} */ tx) => errorName(send(api, tx, taker));
		assert.equal(await doing(api.tx.margin.deposit(7, 'Cash', 0)), 'margin.ZeroAmount');
		assert.equal(await doing(api.tx.margin.deposit(7, 'Cash', 10)), 'margin.BelowMinimumCash');
		assert.equal(await doing(api.tx.margin.deposit(7, { Collateral: 9 }, 10)), 'margin.UnknownCollateral');
		assert.match(await doing(api.tx.margin.deposit(7, 'Cash', 10n ** 15n)), /^(token\.|assets\.|Token\.|margin\.)/);
		assert.equal(await doing(api.tx.margin.withdraw(9, 'Cash', USDC)), 'margin.AccountNotFound');
		assert.equal(await doing(api.tx.margin.withdraw(0, { Collateral: 0 }, 1)), 'margin.InsufficientCollateral');
		// It has a position, so it may not take out all of its cash.
		const { cash, freeCollateral } = await scene.report(TAKER);
		assert.ok(freeCollateral > 0n && freeCollateral / 10n ** 12n < cash);
		assert.equal(await doing(api.tx.margin.withdraw(0, 'Cash', freeCollateral / 10n ** 12n + 10n * USDC)), 'margin.InitialMarginNotMet');
		assert.equal(await doing(api.tx.margin.withdraw(0, 'Cash', 2n ** 127n)), 'margin.Overflow');
	});

	test('somebody else cannot withdraw from an account', async () => {
		const scene = stage();
		// A withdrawal names only a number: it is always from the sender's own account.
		const { api } = scene;
		assert.equal(await errorName(send(api, api.tx.margin.withdraw(0, 'Cash', USDC), scene.key('//Stranger'))), 'margin.AccountNotFound');
	});

	test('feed is refused when its sender is no operator', async () => {
		// The pool refuses it already: `pallet_price_oracle::check_feeder::NOT_OPERATOR`.
		assert.match(await feeding([{ Spot: { underlying: 1, price: parse(3000) } }], '//Stranger'), /Custom error: 80/);
	});

	test('feed is refused when an operator sends two batches in a block', async () => {
		const scene = stage();
		const { api } = scene;
		const feeder = scene.key('//Feeder//2');
		const first = (await api.rpc.system.accountNextIndex(feeder.address)).toNumber();
		const price = await scene.mark(scene.perpetual);
		const batch = () => api.tx.oracle.submit(/** @type {any} */ ([{ Spot: { underlying: 1, price } }]));
		const outcomes = await Promise.allSettled([2, 1, 0].map((i) => send(api, batch(), feeder, { nonce: first + i })));
		const errors = outcomes.filter((one) => one.status === 'rejected').map((one) => /** @type {any} */ (one).reason.chainName);
		const blocks = new Set(outcomes.filter((one) => one.status === 'fulfilled').map((one) => /** @type {any} */ (one).value.blockHash));
		// The first nonce is sent last, so that all three are ready at once: at least one was a second one.
		assert.ok(errors.length > 0 && errors.every((error) => error === 'oracle.AlreadySubmitted'), String(errors));
		assert.equal(blocks.size, outcomes.length - errors.length);
	});

	test('feed is refused by name when a value is bad', async () => {
		const { expiry } = callOf().contract.Option;
		const svi = { a: parse('0.01'), b: parse('0.1'), rho: parse('-0.3'), m: 0n, sigma: parse('0.2') };
		const surface = (/** @type {Record<string, bigint>} */ change) => [{ Surface: { underlying: 1, expiry, surface: { ...svi, ...change } } }];
		const spot = (/** @type {bigint} */ price, underlying = 1) => ({ Spot: { underlying, price } });
		assert.equal(await feeding([]), 'oracle.EmptyBatch');
		assert.equal(await feeding([spot(0n)]), 'oracle.PriceOutOfBounds');
		assert.equal(await feeding([spot(2n ** 128n - 1n)]), 'oracle.PriceOutOfBounds');
		assert.equal(await feeding([spot(ONE, 9)]), 'oracle.UnknownUnderlying');
		assert.equal(await feeding([spot(parse(3000)), spot(parse(3001))]), 'oracle.DuplicateObservation');
		assert.equal(await feeding([{ Forward: { underlying: 1, expiry: 1000, price: parse(3000) } }]), 'oracle.ExpiryPassed');
		assert.equal(await feeding([{ Rate: { underlying: 1, expiry, rate: parse(1000) } }]), 'oracle.RateOutOfBounds');
		// Wings so steep against so little variance that a butterfly would cost less than nothing.
		assert.equal(await feeding(surface({ a: parse('0.0001'), b: parse('1.4'), sigma: parse('0.01') })), 'oracle.SurfaceArbitrage');
		assert.match(await feeding(surface({ b: parse('-0.1') })), /^oracle\.Surface(OutOfDomain|Arbitrage)$/);
		assert.match(await feeding(surface({ rho: parse('1.5') })), /^oracle\.Surface(OutOfDomain|Arbitrage)$/);
	});

	test('listing is refused by name when the instrument is bad or the sender may not', async () => {
		const scene = stage();
		const { api } = scene;
		const now = await chainTime(api);
		const terms = { tick: parse('0.01'), lot: parse('0.01'), openInterestCap: parse(1000) };
		const listing = (/** @type {any} */ instrument, /** @type {any} */ with_ = terms) => errorName(sudo(api, scene.alice, api.tx.markets.list(instrument, with_)));
		const expiry = callOf().contract.Option.expiry;
		assert.equal(await listing(option(1, now - 1000, parse(3000), 'Call')), 'markets.ExpiryPassed');
		assert.equal(await listing(option(1, now + 4 * 365 * 86_400_000, parse(3000), 'Call')), 'markets.ExpiryTooFar');
		assert.equal(await listing(option(1, expiry, parse('3000.5'), 'Call')), 'markets.StrikeOffStep');
		assert.equal(await listing(callOf()), 'markets.AlreadyListed');
		assert.equal(await listing(perpetual(9)), 'markets.UnknownUnderlying');
		assert.equal(await listing(option(1, expiry, parse(2000), 'Put'), { ...terms, tick: 0n }), 'markets.ZeroTick');
		assert.equal(await errorName(send(api, api.tx.markets.list(callOf(), terms), scene.key(TAKER))), 'BadOrigin');
	});

	test('nothing was changed by what was refused', async () => {
		const { positions } = await stage().report(TAKER);
		assert.deepEqual(positions.map((/** @type {any} */ one) => one.size), [ONE]);
		await booksBalance(stage());
	});

	test('operators report again after a bad batch', async () => {
		const { api } = stage();
		const { events } = await send(api, api.tx.oracle.submit(/** @type {any} */ ([{ SettlementAsset: { price: ONE } }])), stage().key('//Feeder//2'));
		assert.equal(eventsOf(events, 'oracle', 'BatchSubmitted').length, 1);
	});
}
