// Cash lent and borrowed: loans against collateral, what they cost, who gets it, and what is refused.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assetOf, atBest, cashOf, collateralAsset, collateralBooks, numberOf, records, stateAt, toldOf } from '../lib/chain.mjs';
import { ceilDiv, floorDiv, parse } from '../lib/format.mjs';
import { plain } from '../lib/plain.mjs';
import { report, simulate } from '../lib/report.mjs';
import { errorName, send, sudo } from '../lib/tx.mjs';
import { booksBalance } from './main-path.mjs';

const USDC = 10n ** 6n;
const ONE = parse(1);
const YEAR = 365n * 24n * 3_600_000n;
const MILLION = 1_000_000n;
const LENDER = '//Lender';
const BORROWER = '//Borrower';
/** Whoever has ether at genesis. */
const DONOR = '//Eve';
const ETH = 0;
const COLLATERAL = 5n * 10n ** 18n;
const LENT = 400_000n * USDC;
/** What the borrower has to pay interest with. */
const PURSE = 1_000n * USDC;
/** So dear that a few blocks show: 100 % a year at first. Parts are millionths. */
const TERMS = { baseRate: parse(1), kink: 800_000n, kinkRate: parse(2), fullRate: parse(4), reserveShare: 100_000n, lendingCap: 800_000n, loanMargin: 100_000n };

/** @param {() => import('../lib/scene.mjs').Scene} stage */
export function loans(stage) {
	/** @type {any} the terms before this suite's */
	let terms;
	/** @type {bigint} settlement units that the account might withdraw, but for the margin of loans */
	let free;
	/** @type {bigint} what was borrowed */
	let loan;
	/** @type {number} in which block */
	let from;
	/** @type {number} the last block of which interest was looked at */
	let to;
	/** @type {bigint} all interest that was paid */
	let interest;

	const setTerms = (/** @type {any} */ other) => sudo(stage().api, stage().alice, stage().api.tx.margin.setInterest(other));
	const withdraw = (/** @type {string} */ name, /** @type {any} */ asset, /** @type {bigint} */ amount) =>
		send(stage().api, stage().api.tx.margin.withdraw(0, asset, amount), stage().key(name));
	/** What the debt of `loan` has become at a state, rounded up. @param {any} state */
	const owedAt = async (state) => {
		const then = plain(await (await stateAt(stage().api, from)).query.margin.ledger()).debtIndex;
		return ceilDiv(loan * plain(await state.query.margin.ledger()).debtIndex, then);
	};

	test('lender and borrower deposit, and dear rates are set', async () => {
		const scene = stage();
		const { api } = scene;
		terms = await api.query.margin.interest();
		const ether = await collateralAsset(api, ETH);
		await scene.fund({ [LENDER]: LENT, [BORROWER]: PURSE });
		await send(api, api.tx.assets.transfer(ether, scene.key(BORROWER).address, COLLATERAL), scene.key(DONOR));
		await Promise.all([
			setTerms(TERMS),
			scene.deposit(LENDER, LENT),
			send(api, api.tx.margin.deposit(0, { Collateral: ETH }, COLLATERAL), scene.key(BORROWER)),
		]);
		free = (await scene.report(BORROWER)).freeCollateral / 10n ** 12n;
		assert.ok(free > 0n);
	});

	test('loan is refused by name when it lacks cover, margin of its own or lenders', async () => {
		const scene = stage();
		const borrowing = (/** @type {bigint} */ amount) => errorName(withdraw(BORROWER, 'Cash', amount));
		assert.equal(await borrowing((free * 101n) / 100n), 'margin.InitialMarginNotMet');
		// This one has cover, but not with a tenth of the debt free besides.
		const bare = (free * 100n) / 105n;
		const would = await simulate(scene.api, scene.key(BORROWER).address, [{ Withdraw: { asset: 'Cash', amount: bare } }]);
		assert.ok(would.freeCollateral > 0n && would.freeCollateral < parse(1) * bare / USDC / 10n);
		assert.equal(await borrowing(bare), 'margin.InitialMarginNotMet');
		assert.equal(await errorName(setTerms({ ...TERMS, kinkRate: parse('0.5') })), 'margin.InvalidInterestParameters');
		await setTerms({ ...TERMS, lendingCap: 0n });
		assert.equal(await borrowing(free / 2n), 'margin.LendingCapExceeded');
		await setTerms(TERMS);
	});

	test('loan is paid out, and rates follow from how much is lent', async () => {
		const scene = stage();
		const { api } = scene;
		const { address } = scene.key(BORROWER);
		loan = (free * 100n) / 115n;
		const { blockHash } = await withdraw(BORROWER, 'Cash', loan);
		from = await numberOf(api, blockHash);
		const state = await stateAt(api, blockHash);
		assert.equal(await cashOf(state, address), PURSE + loan);
		assert.equal((await report(state, address)).cash, -loan);
		const { utilisation, borrow, lend } = plain(await state.call.marginApi.interestRates());
		const all = await cashAt(state);
		const lent = sum(all, (cash) => cash < 0n);
		assert.equal(lent, -loan, 'others owe something');
		assert.ok(near(utilisation, (loan * ONE) / sum(all, (cash) => cash > 0n), 10n ** 10n), `${utilisation}`);
		const kink = (TERMS.kink * ONE) / MILLION;
		assert.equal(borrow, TERMS.baseRate + ceilDiv((TERMS.kinkRate - TERMS.baseRate) * utilisation, kink));
		const kept = ((borrow * utilisation) / ONE) * (MILLION - TERMS.reserveShare) / MILLION;
		assert.ok(near(lend, kept, 1_000n), `${lend} ${kept}`);
	});

	test('debt grows in each block by the rate that was told', async () => {
		const scene = stage();
		const { api } = scene;
		await scene.blocks(4);
		to = from + 4;
		let state = await stateAt(api, from);
		let before = plain(await state.query.margin.ledger());
		for (let block = from + 1; block <= to; block += 1) {
			const { borrow } = plain(await state.call.marginApi.interestRates());
			state = await stateAt(api, block);
			const after = plain(await state.query.margin.ledger());
			const elapsed = after.accruedAt - before.accruedAt;
			assert.ok(elapsed >= 6_000n, `${elapsed}`);
			const growth = ceilDiv(borrow * elapsed, YEAR);
			assert.equal(after.debtIndex, before.debtIndex + ceilDiv(before.debtIndex * growth, ONE), `block ${block}`);
			before = after;
		}
		interest = (await owedAt(state)) - loan;
		assert.ok(interest > 1_000n, `${interest}`);
		assert.equal((await report(state, scene.key(BORROWER).address)).cash, -loan - interest);
	});

	test('lenders get what the borrower pays but for the fund\'s tenth', async () => {
		const scene = stage();
		const { api } = scene;
		const [start, end] = await Promise.all([from, to].map((block) => stateAt(api, block)));
		const [before, after] = await Promise.all([start, end].map(cashAt));
		const insurance = plain(await end.query.margin.ledger()).insurance - plain(await start.query.margin.ledger()).insurance;
		const positive = (/** @type {bigint} */ cash) => cash > 0n;
		const got = sum(after, positive) - sum(before, positive);
		// Each account's cash is rounded down, so that a unit for each may be between.
		const units = BigInt(before.length) + 2n;
		assert.ok(near(interest - got, insurance, units), `${interest} ${got} ${insurance}`);
		assert.ok(near(insurance, (interest * TERMS.reserveShare) / MILLION, units), `${insurance}`);
		const of = (/** @type {any[]} */ all) => all.find(({ owner }) => owner === scene.key(LENDER).address).cash;
		const part = (interest * (MILLION - TERMS.reserveShare) * of(before)) / MILLION / sum(before, positive);
		assert.ok(part > 100n && near(of(after) - of(before), part, 2n), `${of(after) - of(before)} ${part}`);
		assert.equal((await report(end, scene.key(LENDER).address)).cash, of(after));
	});

	test('repaying takes the interest to the unit, and ends it', async () => {
		const scene = stage();
		const { api } = scene;
		const { address } = scene.key(BORROWER);
		const amount = loan + 100n * USDC;
		const { events, blockHash } = await scene.deposit(BORROWER, amount);
		const state = await stateAt(api, blockHash);
		const owed = await owedAt(state);
		assert.deepEqual(toldOf(events, 'margin', 'CashAccrued').map((one) => one.amount), [loan - owed]);
		assert.equal((await report(state, address)).cash, amount - owed);
		assert.deepEqual(plain(await state.call.marginApi.interestRates()), { utilisation: 0n, borrow: TERMS.baseRate, lend: 0n });
		const { debtIndex, cashIndex } = plain(await state.query.margin.ledger());
		await Promise.all([setTerms(terms), withdraw(BORROWER, { Collateral: ETH }, COLLATERAL)]);
		const later = plain(await api.query.margin.ledger());
		assert.deepEqual([later.debtIndex, later.cashIndex], [debtIndex, cashIndex]);
		await withdraw(BORROWER, 'Cash', amount - owed);
		assert.equal(await cashOf(api, address), PURSE + loan - owed);
		assert.equal(await assetOf(api, await collateralAsset(api, ETH), address), COLLATERAL);
	});

	test('lender takes out all that it has, and the books balance', async () => {
		const scene = stage();
		const { api } = scene;
		const { cash } = await scene.report(LENDER);
		assert.ok(cash > LENT);
		await withdraw(LENDER, 'Cash', cash);
		assert.equal(await cashOf(api, scene.key(LENDER).address), cash);
		const ether = await collateralBooks(await atBest(api), ETH);
		assert.equal(ether.recorded, ether.booked);
		assert.equal(ether.booked, ether.held);
		await booksBalance(scene);
	});
}

/** Each account's cash at a state, with its interest. @param {any} state */
async function cashAt(state) {
	const pots = plain(await state.query.margin.ledger());
	return (await records(state)).map(({ owner, number, record }) => {
		const index = record.cash < 0n ? pots.debtIndex : pots.cashIndex;
		return { owner, number, cash: floorDiv(record.cash * index, record.cashIndex) };
	});
}

/** @param {{ cash: bigint }[]} all @param {(cash: bigint) => boolean} which */
function sum(all, which) {
	return all.filter(({ cash }) => which(cash)).reduce((total, { cash }) => total + cash, 0n);
}

/** @param {bigint} one @param {bigint} other @param {bigint} most how far they may be apart */
function near(one, other, most) {
	return one - other <= most && other - one <= most;
}
