// Collateral swapped for cash and back, through a pool of the SDK's pallet.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assetOf, atBest, cashOf, collateralAsset, collateralBooks, stateAt, toldOf, vault } from '../lib/chain.mjs';
import { parse } from '../lib/format.mjs';
import { plain } from '../lib/plain.mjs';
import { subAccount } from '../lib/quote.mjs';
import { report } from '../lib/report.mjs';
import { errorName, named, send, sudo } from '../lib/tx.mjs';
import { booksBalance } from './main-path.mjs';

const USDC = 10n ** 6n;
const ETHER = 10n ** 18n;
const ONE = parse(1);
const MILLION = 1_000_000n;
/** What a pool leaves of what comes in, in millionths: its fee is 0.3 %. */
const KEPT = 997_000n;
const SWAPPER = '//Swapper';
/** Whoever has ether at genesis. */
const PROVIDER = '//Dave';
const DONOR = '//Eve';
const ETH = 0;
const DOT = 1;
const POOLED = 10n * ETHER;
const COLLATERAL = (3n * ETHER) / 10n;
const CASH = 100n * USDC;
const LOT = ETHER / 1_000n;
const TERMS = { tick: ONE / 100n, lot: LOT, minimumValue: parse(10), priceBand: 100_000 };

/** @param {() => import('../lib/scene.mjs').Scene} stage */
export function swaps(stage) {
	/** @type {bigint} USD for one ether by the oracle */
	let spot;
	/** @type {any} */
	let ether;
	/** @type {string} the pool's account */
	let pool;

	const swap = (/** @type {string} */ side, /** @type {bigint} */ amount, /** @type {bigint} */ worst, whole = true, signer = SWAPPER) =>
		send(stage().api, stage().api.tx.spot.swap(subAccount(stage().key(SWAPPER).address), ETH, /** @type {any} */ (side), amount, worst, whole, []), stage().key(signer));
	const refusal = (/** @type {string} */ side, /** @type {bigint} */ amount, /** @type {bigint} */ worst, whole = true) => errorName(swap(side, amount, worst, whole));
	/** The error that a quote is refused with. @param {number} collateral @param {bigint} amount */
	const unquoted = async (collateral, amount) => {
		const { api } = stage();
		const answer = /** @type {any} */ (await api.call.spotApi.quoteSwap(subAccount(stage().key(SWAPPER).address), collateral, 'Sell', amount, part(90n), true, []));
		return answer.isErr ? named(api, answer.asErr).chainName : 'it was quoted';
	};
	/** Hundredths of the oracle's price. @param {bigint} hundredths */
	const part = (hundredths) => (spot * hundredths) / 100n;
	/** Both assets: of the account, of the vault and of the pool, at a state. @param {any} state */
	const heldAt = async (state) => {
		const { cash, collateral } = await report(state, stage().key(SWAPPER).address);
		return {
			ether: { account: collateral[0][1], vault: await assetOf(state, ether, vault(state)), pool: await assetOf(state, ether, pool) },
			cash: { account: cash, vault: await cashOf(state, vault(state)), pool: await cashOf(state, pool) },
		};
	};
	/**
	 * Swaps, and looks what has moved: what was quoted before, by the constant product, from one to the other.
	 * @param {'Buy' | 'Sell'} side @param {bigint} amount @param {bigint} worst
	 */
	const swapped = async (side, amount, worst, whole = true) => {
		const { api } = stage();
		const { events, blockHash } = await swap(side, amount, worst, whole);
		const parent = (await api.rpc.chain.getHeader(blockHash)).parentHash.toHex();
		const [before, after] = await Promise.all([parent, blockHash].map((hash) => stateAt(api, hash)));
		const quoted = plain(await before.call.spotApi.quoteSwap(subAccount(stage().key(SWAPPER).address), ETH, side, amount, worst, whole, [])).Ok;
		const [told] = toldOf(events, 'spot', 'Swapped');
		assert.deepEqual([told.side, told.amount, told.cash, told.slices], [side, quoted.amount, quoted.cash, quoted.slices]);
		assert.deepEqual(quoted.slices, [{ venue: 'Pool', amount: quoted.amount, cash: quoted.cash }]);
		const [was, is] = [await heldAt(before), await heldAt(after)];
		assert.equal(quoted.cash, side === 'Sell' ? proceeds(was, quoted.amount) : cost(was, quoted.amount));
		const [gets, gives] = side === 'Sell' ? [-quoted.amount, -quoted.cash] : [quoted.amount, quoted.cash];
		for (const [asset, change] of /** @type {const} */ ([['ether', gets], ['cash', -gives]])) {
			assert.equal(is[asset].account - was[asset].account, change, asset);
			assert.equal(is[asset].vault - was[asset].vault, change, asset);
			assert.equal(was[asset].pool - is[asset].pool, change, asset);
		}
		return { amount: quoted.amount, was };
	};

	test('anybody makes a pool, governance opens a pair, and quotes are refused until then', async () => {
		const scene = stage();
		const { api } = scene;
		ether = await collateralAsset(api, ETH);
		const usdc = /** @type {any} */ (api.consts.markets.settlementAsset);
		spot = plain(await api.query.oracle.aggregates(scene.underlying)).spot.value;
		await scene.fund({ [SWAPPER]: CASH });
		const provider = scene.key(PROVIDER);
		const first = (await api.rpc.system.accountNextIndex(provider.address)).toNumber();
		const cash = (POOLED * spot) / ONE / (ETHER / USDC);
		assert.equal(await unquoted(ETH, LOT), 'spot.UnknownPair');
		const [created] = await Promise.all([
			send(api, api.tx.assetConversion.createPool(usdc, ether), provider, { nonce: first }),
			send(api, api.tx.assetConversion.addLiquidity(usdc, ether, cash, POOLED, cash, POOLED, provider.address), provider, { nonce: first + 1 }),
			send(api, api.tx.assets.transfer(ether, scene.key(SWAPPER).address, COLLATERAL), scene.key(DONOR)),
			sudo(api, scene.alice, api.tx.spot.setPair(ETH, /** @type {any} */ (TERMS))),
		]);
		pool = toldOf(created.events, 'assetConversion', 'PoolCreated')[0].poolAccount;
		await send(api, api.tx.margin.deposit(0, { Collateral: ETH }, COLLATERAL), scene.key(SWAPPER));
		await scene.deposit(SWAPPER, CASH);
	});

	test('sale moves collateral out and cash in as it was quoted', async () => {
		const { amount } = await swapped('Sell', ETHER / 10n, part(90n));
		assert.equal(amount, ETHER / 10n);
	});

	test('sale is refused by name when the pool gives less than the worst price', async () => {
		assert.equal(await refusal('Sell', ETHER / 10n, part(100n)), 'spot.NothingWithinWorstPrice');
		assert.equal(await refusal('Sell', ETHER / 5n, part(97n)), 'spot.NotFilled');
	});

	test('sale stops at the last lot within the worst price when it need not be whole', async () => {
		const worst = part(97n);
		const { amount, was } = await swapped('Sell', ETHER / 5n, worst, false);
		assert.ok(amount > 0n && amount < ETHER / 5n && amount % LOT === 0n, `${amount}`);
		assert.ok(isWithin(was, amount, worst), 'beyond the worst price');
		assert.ok(!isWithin(was, amount + LOT, worst), 'another lot was to be had');
	});

	test('purchase moves cash out and collateral in as it was quoted', async () => {
		const { amount } = await swapped('Buy', ETHER / 20n, part(109n));
		assert.equal(amount, ETHER / 20n);
	});

	test('swap is refused by name when the account lacks what it pays, or the sender the right to', async () => {
		assert.equal(await refusal('Sell', COLLATERAL, part(91n)), 'margin.InsufficientCollateral');
		assert.equal(await refusal('Buy', (2n * ETHER) / 5n, part(109n)), 'margin.InsufficientCash');
		assert.equal(await errorName(swap('Sell', LOT * 10n, part(91n), true, PROVIDER)), 'spot.NotAuthorised');
		assert.equal(await unquoted(ETH, LOT / 2n), 'spot.SwapTooSmall');
		assert.equal(await unquoted(ETH, ETHER / 10n + 1n), 'spot.AmountNotInLots');
		assert.equal(await unquoted(DOT, ETHER), 'spot.UnknownPair');
	});

	test('pair is closed, all is withdrawn, and the books balance', async () => {
		const scene = stage();
		const { api } = scene;
		const { address } = scene.key(SWAPPER);
		await sudo(api, scene.alice, api.tx.spot.setPair(ETH, null));
		assert.equal(await refusal('Sell', ETHER / 20n, part(91n)), 'spot.UnknownPair');
		const { cash, collateral } = await scene.report(SWAPPER);
		await send(api, api.tx.margin.withdraw(0, 'Cash', cash), scene.key(SWAPPER));
		await send(api, api.tx.margin.withdraw(0, { Collateral: ETH }, collateral[0][1]), scene.key(SWAPPER));
		assert.deepEqual([await cashOf(api, address), await assetOf(api, ether, address)], [cash, collateral[0][1]]);
		const books = await collateralBooks(await atBest(api), ETH);
		assert.equal(books.recorded, books.booked);
		assert.equal(books.booked, books.held);
		await booksBalance(scene);
	});
}

/** What a pool pays for ether: its product stays, 0.3 % of what comes in left aside. @param {any} held @param {bigint} amount */
function proceeds({ ether, cash }, amount) {
	return (amount * KEPT * cash.pool) / (ether.pool * MILLION + amount * KEPT);
}

/** What a pool takes for ether, a unit more than the quotient. @param {any} held @param {bigint} amount */
function cost({ ether, cash }, amount) {
	return (cash.pool * amount * MILLION) / ((ether.pool - amount) * KEPT) + 1n;
}

/**
 * Whether the last unit of a sale of `amount` brings the worst price: `kept · B·Q / (B + kept · y)²`.
 * @param {any} held @param {bigint} amount @param {bigint} worst USD for one ether, 18 decimals
 */
function isWithin({ ether, cash }, amount, worst) {
	const after = ether.pool * MILLION + KEPT * amount;
	// Settlement units for a unit of ether are 10⁻³⁰ of USD for one ether, as those are written.
	return KEPT * MILLION * ether.pool * cash.pool * 10n ** 30n >= worst * after * after;
}
