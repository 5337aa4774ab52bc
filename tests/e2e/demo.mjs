#!/usr/bin/env node
// The main job, end to end: a hedged account needs a fraction of the margin that its legs need alone
// and survives a crash; an unhedged one of the same size is closed by the waterfall, with no bad
// debt. Ends with exit code 0 only if all of that held. See README.md.

import { cashBooks, contractBooks, eventsAt, fieldsOf, instrumentName, positionsOf } from './lib/chain.mjs';
import { readOptions, USAGE } from './lib/demo-options.mjs';
import { cash, exact, floorTo, parse, table, usd } from './lib/format.mjs';
import { subAccount } from './lib/quote.mjs';
import { batch, IMMEDIATE, order, placeOrder } from './lib/orders.mjs';
import { depositCash, describe, report, simulate, trade } from './lib/report.mjs';
import { Scene } from './lib/scene.mjs';
import { eventsOf, send } from './lib/tx.mjs';
import { sentence, touches } from './lib/waterfall.mjs';

const HEDGED = '//Hedged';
const UNHEDGED = '//Unhedged';
const PROVIDER = '//Provider';
const MAKER = '//Bob';
const PEOPLE = { hedged: HEDGED, unhedged: UNHEDGED, provider: PROVIDER, 'market maker': MAKER };
const MILLION = 1_000_000n * 10n ** 6n;
/** The traders' deposit, per cent of the least that the gate lets the unhedged one trade with. */
const DEPOSIT_OVER_MARGIN = 103n;
/** Blocks after the last bar within which the waterfall must be done. */
const AFTERMATH = 60;

const say = (/** @type {string} */ line = '') => console.log(line);
const heading = (/** @type {string} */ line) => say(`\n== ${line}`);

/** @typedef {ReturnType<typeof readOptions>} Options */
/** @typedef {{ call: any, size: bigint, perpPrice: bigint, callPrice: bigint, side: bigint, deposit: bigint }} Deal */

/** Funds everybody, and has the market maker, the provider and the insurance fund paid in. @param {Scene} scene */
async function populate(scene) {
	heading('People');
	await scene.fund({ [HEDGED]: MILLION, [UNHEDGED]: MILLION, [PROVIDER]: 2n * MILLION });
	const { api } = scene;
	await scene.deposit(MAKER, MILLION);
	await depositCollateral(scene, MAKER, 0, 5n);
	await scene.deposit(PROVIDER, MILLION);
	await send(api, api.tx.liquidation.optIn(0, { minimumDiscount: 50_000, maximumSlice: parse(1_000_000) }), scene.key(PROVIDER));
	await send(api, api.tx.margin.contributeInsurance(50_000n * 10n ** 6n), scene.alice);
	say('funded two traders and a provider; the market maker deposited 1,000,000 USDC and 5 ETH,');
	say('the provider 1,000,000 USDC, and the insurance fund got 50,000 USDC');
}

/** @param {Scene} scene @param {string} name @param {number} id @param {bigint} whole */
async function depositCollateral(scene, name, id, whole) {
	const { api } = scene;
	const terms = /** @type {any} */ (await api.query.markets.collaterals(id)).unwrap();
	const amount = whole * 10n ** BigInt(terms.decimals.toNumber());
	await send(api, api.tx.margin.deposit(0, { Collateral: id }, amount), scene.key(name));
}

/**
 * Works out sizes, prices and the deposit: the same for both traders, just over what the unhedged
 * one needs.
 * @param {Scene} scene
 * @param {Options} options
 * @param {any} call
 * @returns {Promise<Deal>}
 */
async function plan(scene, options, call) {
	const { api, perpetual } = scene;
	const { lot } = await scene.terms(perpetual);
	const perpPrice = await scene.onTick(perpetual, await scene.mark(perpetual));
	const callPrice = await scene.onTick(call, await scene.mark(call));
	const whole = floorTo((parse(options.notional) * parse(1)) / perpPrice, lot);
	const size = whole > 0n ? whole : lot;
	const side = options.side === 'long' ? 1n : -1n;
	const nobody = scene.key('//Nobody').address;
	const { freeCollateral } = await simulate(api, nobody, [depositCash(MILLION), trade(perpetual, side * size, perpPrice)]);
	if (freeCollateral === null) throw new Error('the prices went stale');
	const needed = MILLION - freeCollateral / 10n ** 12n;
	const deposit = (needed * DEPOSIT_OVER_MARGIN) / 100n;
	return { call, size, perpPrice, callPrice, side, deposit };
}

/** Deposits, asks what-if, trades, and prints both reports. @param {Scene} scene @param {Deal} deal */
async function open(scene, { call, size, perpPrice, callPrice, side, deposit }) {
	const { api, perpetual } = scene;
	await scene.deposit(HEDGED, deposit);
	await scene.deposit(UNHEDGED, deposit);
	say(`both traders deposited ${cash(deposit)} USDC`);

	heading('What if? (asked of the chain before trading)');
	const hedged = scene.key(HEDGED).address;
	const shortOnly = await simulate(api, hedged, [trade(perpetual, -size, perpPrice)]);
	const both = await simulate(api, hedged, [trade(perpetual, -size, perpPrice), trade(call, size, callPrice)]);
	say(table(['if the hedged trader …', 'equity', 'IM', 'MM'], [
		['sold the perpetual', ...marginCells(shortOnly)],
		['and bought the call', ...marginCells(both)],
	]));

	heading('The order book');
	await rest(scene, [order(call, -size, callPrice), order(perpetual, size, perpPrice)]);
	await take(scene, HEDGED, [order(call, size, callPrice, IMMEDIATE), order(perpetual, -size, perpPrice, IMMEDIATE)]);
	await rest(scene, [order(perpetual, -side * size, perpPrice)]);
	await take(scene, UNHEDGED, [order(perpetual, side * size, perpPrice, IMMEDIATE)]);

	heading('Margin reports');
	say(describe('The hedged account:', await scene.report(HEDGED)));
	say();
	say(describe('The unhedged account:', await scene.report(UNHEDGED)));
}

/** The market maker's orders, which must rest. @param {Scene} scene @param {ReturnType<typeof order>[]} orders */
async function rest(scene, orders) {
	const { api } = scene;
	const maker = subAccount(scene.key(MAKER).address);
	for (const terms of orders) {
		const { events } = await send(api, placeOrder(api, maker, terms), scene.key(MAKER));
		if (eventsOf(events, 'trading', 'OrderFilled').length > 0) throw new Error('the market maker\'s order did not rest');
		for (const placed of eventsOf(events, 'trading', 'OrderPlaced')) {
			const { side, size, instrument, price } = fieldsOf(placed).terms;
			say(`the market maker offers to ${side.toLowerCase()} ${exact(size)} ${instrumentName(instrument)} at ${usd(price)}`);
		}
	}
}

/** A trader's orders, which must fill in full. @param {Scene} scene @param {string} name @param {ReturnType<typeof order>[]} orders */
async function take(scene, name, orders) {
	const { api } = scene;
	const operations = orders.map((terms) => ({ Place: terms }));
	const { events } = await send(api, batch(api, subAccount(scene.key(name).address), operations), scene.key(name));
	const who = nameFor(scene)(scene.key(name).address);
	for (const event of eventsOf(events, 'trading', 'OrderFilled')) {
		const { side, size, price, instrument, takerFee } = fieldsOf(event);
		say(`the ${who} trader ${side === 'Buy' ? 'bought' : 'sold'} ${exact(size)} ${instrumentName(instrument)} at ${usd(price)}, fee ${cash(takerFee)} USDC`);
	}
	const failed = eventsOf(events, 'trading', 'OperationFailed').map((event) => JSON.stringify(event.data.toHuman()));
	if (failed.length > 0) throw new Error(`an order failed: ${failed.join(', ')}`);
	const filled = eventsOf(events, 'trading', 'OrderFilled').reduce((sum, event) => sum + fieldsOf(event).size, 0n);
	const asked = orders.reduce((sum, terms) => sum + terms.size, 0n);
	if (filled !== asked) throw new Error(`filled ${exact(filled)} of ${exact(asked)}`);
}

/** @param {any} full */
function marginCells(full) {
	const { equity, initial, maintenance } = full.risk.margin;
	return [equity, initial, maintenance].map(usd);
}

/**
 * Replays the bars a block at a time and prints where both accounts stand.
 * @param {Scene} scene
 * @param {Options} options
 */
async function replay(scene, options) {
	const { api, prices } = scene;
	/** @type {import('./lib/waterfall.mjs').ChainEvent[]} */
	const events = [];
	let { bars, bar, finished } = await prices.control({ restart: true });
	heading(`Replay: ${bars} bars of at least ${options.blocksPerBar} blocks; more where the price would move by over ${options.blockMove} % a block`);
	let last = (await api.rpc.chain.getHeader()).number.toNumber();
	let aftermath = 0;
	while (!finished || (aftermath < AFTERMATH && (aftermath < 5 || (await queued(api))))) {
		await scene.blocks(1);
		const head = (await api.rpc.chain.getHeader()).number.toNumber();
		for (let block = last + 1; block <= head; block += 1) {
			events.push(...(await printBlock(scene, block, bar, bars)));
		}
		if (finished) aftermath += head - last;
		else ({ bar, finished } = await prices.control({ advance: (head - last) / options.blocksPerBar, limit: ((head - last) * options.blockMove) / 100 }));
		last = head;
	}
	return events;
}

/** Whether anybody is in the waterfall. @param {import('@polkadot/api').ApiPromise} api */
async function queued(api) {
	return /** @type {any} */ (await api.query.liquidation.queue()).length > 0;
}

/** @param {Scene} scene @param {number} block @param {number} bar @param {number} bars */
async function printBlock(scene, block, bar, bars) {
	const { api } = scene;
	const hash = await api.rpc.chain.getBlockHash(block);
	const at = await api.at(hash);
	const stands = async (/** @type {string} */ name) => {
		const { risk } = /** @type {any} */ (await report(/** @type {any} */ (at), scene.key(name).address));
		return { spot: risk.underlyings[0]?.spot, text: `${usd(risk.margin.equity)} / ${usd(risk.margin.maintenance)}` };
	};
	const hedged = await stands(HEDGED);
	const unhedged = await stands(UNHEDGED);
	const place = `${Math.min(bar, bars).toFixed(1)}/${bars}`.padStart(7);
	const spot = hedged.spot === undefined ? '' : usd(hedged.spot);
	say(`#${block} bar ${place} ${spot.padStart(10)}  equity/MM: hedged ${hedged.text.padStart(23)}  unhedged ${unhedged.text.padStart(23)}`);
	const liquidation = (await eventsAt(api, hash)).filter((event) => event.section === 'liquidation');
	for (const event of liquidation) say(`    > ${sentence(event, nameFor(scene))}`);
	return liquidation;
}

/** @param {Scene} scene @returns {(address: string) => string} */
function nameFor(scene) {
	const names = new Map(Object.entries(PEOPLE).map(([name, uri]) => [scene.key(uri).address, name]));
	return (address) => names.get(address) ?? address;
}

/**
 * What must have held, each with what was found.
 * @param {Scene} scene
 * @param {any[]} events
 * @param {{ hedged: Map<string, bigint>, insurance: bigint }} before
 */
async function verdicts(scene, events, before) {
	const { api } = scene;
	const hedged = scene.key(HEDGED).address;
	const unhedged = scene.key(UNHEDGED).address;
	const books = await cashBooks(api, scene.seed);
	const contracts = await contractBooks(api);
	const now = await positionsOf(api, hedged);
	const same = now.size === before.hedged.size && [...before.hedged].every(([name, size]) => now.get(name) === size);
	const { margin: hedgedMargin, isolated } = (await report(api, hedged)).risk;
	const { margin: unhedgedMargin } = (await report(api, unhedged)).risk;
	const closed = (await positionsOf(api, unhedged)).size === 0;
	const taken = events.filter((event) => touches(event, unhedged) && ['SliceTaken', 'Deleveraged', 'HedgeBroken'].includes(event.method));
	const shared = events.reduce((sum, event) => sum + (event.data.shared ?? 0n), 0n);
	const paid = events.reduce((sum, event) => sum + (event.data.paidByFund ?? 0n), 0n);
	/** @type {[boolean, string][]} */
	const checks = [
		[isolated.initial > hedgedMargin.initial, `the hedged account needs less than its legs alone: ${usd(hedgedMargin.initial)} against ${usd(isolated.initial)}`],
		[same, 'the hedged account has the positions that it had'],
		[!events.some((event) => touches(event, hedged)), 'the waterfall did not touch the hedged account'],
		[hedgedMargin.equity >= hedgedMargin.maintenance, `the hedged account is above its maintenance margin: ${usd(hedgedMargin.equity)} against ${usd(hedgedMargin.maintenance)}`],
		[taken.length > 0, `the waterfall acted on the unhedged account ${taken.length} times`],
		[closed || unhedgedMargin.equity >= unhedgedMargin.maintenance, closed ? 'the unhedged account is closed' : `the unhedged account is restored: ${usd(unhedgedMargin.equity)} against ${usd(unhedgedMargin.maintenance)}`],
		[!(await queued(api)), 'nobody is left in the waterfall'],
		[unhedgedMargin.equity >= 0n, `no bad debt: the unhedged account's equity is ${usd(unhedgedMargin.equity)}`],
		[shared === 0n && paid === 0n, 'no loss was shared, and the fund paid none'],
		[books.insurance >= before.insurance, `the insurance fund did not shrink: ${cash(before.insurance)} before, ${cash(books.insurance)} after`],
		[books.recorded === books.booked && books.booked === books.held, `cash is conserved to the unit: ${books.recorded} in the books, ${books.held} held`],
		[[...contracts.values()].every((book) => book.sum === 0n), 'contracts are zero-sum in each instrument'],
		[[...contracts.values()].every((book) => book.longs === book.openInterest), 'open interest is the sum of longs in each instrument'],
	];
	return { checks, books, contracts };
}

/** @param {Scene} scene @param {any[]} events @param {Awaited<ReturnType<typeof verdicts>>} found */
async function summary(scene, events, { checks, books, contracts }) {
	heading('Where everybody stands');
	const rows = [];
	for (const [name, uri] of Object.entries(PEOPLE)) {
		const { address } = scene.key(uri);
		const full = await report(scene.api, address);
		const touched = events.filter((event) => touches(event, address)).length;
		rows.push([name, ...marginCells(full), String(full.risk.legs.length), String(touched)]);
	}
	say(table(['account', 'equity', 'IM', 'MM', 'positions', 'waterfall events'], rows));
	say();
	say(table(['cash, USDC', ''], [
		['accounts', exact(books.accounts, 6)],
		['insurance fund', exact(books.insurance, 6)],
		['trading fees', exact(books.fees, 6)],
		['settlement pot', exact(books.settlement, 6)],
		['funding pot', exact(books.funding, 6)],
		['accrual pot', exact(books.accrued, 6)],
		['sum', exact(books.recorded, 6)],
		['held by the chain', exact(books.held, 6)],
	]));
	say();
	say(table(['instrument', 'sum of sizes', 'open interest'], [...contracts]
		.filter(([, book]) => book.openInterest !== 0n || book.sum !== 0n)
		.map(([name, book]) => [name, exact(book.sum), exact(book.openInterest)])));
	heading('What had to hold');
	for (const [held, what] of checks) say(`  ${held ? 'yes' : 'NO '}  ${what}`);
	return checks.every(([held]) => held);
}

/** @param {Scene} scene @param {Options} options */
async function run(scene, options) {
	await scene.start();
	say(scene.prices.banner());
	await scene.waitForPrices();
	const call = await scene.listCall();
	await scene.waitForPrices(call);
	await populate(scene);
	const deal = await plan(scene, options, call);
	const isShort = deal.side < 0n;
	say(`the hedged trader will buy ${exact(deal.size)} ${options.asset} calls and sell ${exact(deal.size)} ${options.asset} perpetuals;`);
	say(`the unhedged one will ${isShort ? 'sell' : 'buy'} ${exact(deal.size)} perpetuals: the side that a ${isShort ? 'rise' : 'fall'} hurts`);
	await open(scene, deal);
	const before = {
		hedged: await positionsOf(scene.api, scene.key(HEDGED).address),
		insurance: (await cashBooks(scene.api, scene.seed)).insurance,
	};
	const events = await replay(scene, options);
	return summary(scene, events, await verdicts(scene, events, before));
}

async function main() {
	const options = readOptions(process.argv.slice(2));
	if (options.help) {
		say(USAGE);
		return 0;
	}
	if (options.node) process.env.PLIMSOLL_NODE = options.node;
	say(options.synthetic ? 'prices: a synthetic crash' : `prices: ${options.file}`);
	const scene = new Scene({ priceArgs: options.priceArgs, underlying: options.underlying, blockTime: options.blockTime, log: say });
	try {
		const held = await run(scene, options);
		say(held ? '\nThe main job is done: all of it held.' : '\nNot all of it held.');
		return held ? 0 : 1;
	} catch (error) {
		console.error(`\nThe demo failed: ${/** @type {Error} */ (error).stack}`);
		console.error(`\nLogs are in ${scene.folder}.${scene.node ? ` The end of the node's:\n${scene.nodeLog()}` : ''}`);
		return 1;
	} finally {
		await scene.stop();
	}
}

main().then((code) => process.exit(code), (error) => {
	console.error(error.stack);
	process.exit(2);
});
