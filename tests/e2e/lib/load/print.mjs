// A load run's figures as text, and what of them had to hold.

import { cash, exact, table, usd } from '../format.mjs';
import { intervals, quantile, slope } from './figures.mjs';

/** @typedef {Awaited<ReturnType<typeof import('./run.mjs').runLoad>>} Outcome */
/** @typedef {import('./options.mjs').Load} Load */

/** A block that comes later than so many block times after the one before has missed its slot. */
export const LATE = 1.5;

const fixed = (/** @type {number} */ value, places = 1) => value.toFixed(places);
const percent = (/** @type {number} */ share) => `${fixed(100 * share)} %`;

/** How many blocks came late. @param {number[]} times ms @param {number} blockTime ms */
export function missed(times, blockTime) {
	return intervals(times).filter((interval) => interval > LATE * blockTime).length;
}

/** @param {string} title @param {import('./figures.mjs').Tally} tally */
function tallied(title, tally) {
	return tally.entries().map(([name, count]) => [`${title}: ${name}`, String(count)]);
}

/** @param {Outcome} outcome @param {Load} load */
export function describeLoad({ notes, pace, crowd, traders }, load) {
	const gaps = intervals(notes.times);
	const half = Math.floor(notes.memory.length / 2);
	const memory = (/** @type {string} */ name, /** @type {(values: number[]) => number} */ of) =>
		[name, fixed(of(notes.memory.map((one) => one.resident))), fixed(of(notes.memory.map((one) => one.own)))];
	const parts = (/** @type {'time' | 'proof'} */ part) => notes.fullness.map((one) => one[part]);
	const spread = (/** @type {number[]} */ values, /** @type {(value: number) => string} */ show) =>
		[0.5, 0.9, 1].map((share) => show(quantile(values, share))).join(' / ');
	return [
		table(['blocks', ''], [
			['measured', String(notes.times.length)],
			['interval, median / 90 % / longest, ms', spread(gaps, (gap) => fixed(gap, 0))],
			[`late (over ${LATE} × ${load.blockTime} ms)`, String(missed(notes.times, load.blockTime))],
			['full in time, median / 90 % / fullest', spread(parts('time'), percent)],
			['full in proof, median / 90 % / fullest', spread(parts('proof'), percent)],
			['without a price feed', String(notes.unfed)],
		]),
		table(['transactions', ''], [
			['offered', String(crowd.offered)],
			['offered again', String(crowd.again)],
			['included', String(notes.included)],
			['in no block in the end', String(crowd.onTheWay)],
			['waiting in the pool, median / 90 % / most', spread(notes.pool, String)],
			...tallied('not taken by the pool', notes.refused),
			...tallied('failed', notes.failed),
			...tallied('operation of a batch failed', notes.operationsFailed),
		]),
		table(['trading', ''], [
			['operations', String(notes.operations)],
			['operations a second', fixed(pace.operations / pace.seconds)],
			['operations a block', fixed(pace.operations / pace.blocks)],
			['fills', String(notes.fills)],
			['fills a block', fixed(pace.fills / pace.blocks)],
			['fills a second', fixed(pace.fills / pace.seconds)],
			['value of fills, USD', usd(notes.volume)],
			...tallied('cancelled', notes.cancelled),
			['orders resting in the end', String(traders.resting.count)],
		]),
		table(['memory of the node, MiB', 'resident', 'its own'], [
			memory('at the start', (values) => values[0] ?? 0),
			memory('at the end', (values) => values.at(-1) ?? 0),
			memory('growth in 100 blocks, first half', (values) => 100 * slope(values.slice(0, half))),
			memory('growth in 100 blocks, second half', (values) => 100 * slope(values.slice(half))),
		]),
	].join('\n\n');
}

/**
 * What had to hold.
 * @param {Outcome} outcome
 * @param {Load} load
 * @returns {[boolean, string][]}
 */
export function verdicts({ notes, crowd, books, contracts }, load) {
	const late = missed(notes.times, load.blockTime);
	// A post-only quote that the market has come to meet is refused as it should be.
	const operations = notes.operationsFailed.entries().filter(([name]) => name !== 'trading.WouldFill');
	const failed = operations.reduce((sum, [, count]) => sum + count, notes.failed.total);
	const traded = [...contracts].filter(([, book]) => book.longs !== 0n);
	return [
		[late === 0, `no block was late: ${late} of ${notes.times.length}`],
		[20 * failed <= notes.operations, `transactions, and operations of batches but for post-only ones that would have filled, failed: ${failed}`],
		[crowd.onTheWay === 0, `transactions in no block: ${crowd.onTheWay}`],
		[2 * notes.unfed <= notes.times.length, `blocks without a feed: ${notes.unfed} of ${notes.times.length}`],
		[notes.fills > 0, `orders filled: ${notes.fills}`],
		[[...contracts.values()].every((book) => book.sum === 0n), `contracts are zero-sum in each instrument: ${traded.map(([name, book]) => `${name} ${exact(book.longs)} long`).join(', ')}`],
		[[...contracts.values()].every((book) => book.longs === book.openInterest), 'open interest is the sum of longs in each instrument'],
		[books.recorded === books.booked && books.booked === books.held, `cash is conserved to the unit: ${cash(books.recorded)} in the books, ${cash(books.held)} held`],
	];
}
