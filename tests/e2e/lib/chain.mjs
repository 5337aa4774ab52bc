// The chain's own books, read from storage: what the demo and the tests check at the end.

import { stringToU8a, u8aConcat, u8aFixLength } from '@polkadot/util';
import { encodeAddress } from '@polkadot/util-crypto';
import { plain } from './plain.mjs';

/** @typedef {import('@polkadot/api').ApiPromise} ApiPromise */

/** What names an instrument, as text: for comparing and for printing. @param {any} instrument decoded by `plain` */
export function instrumentName({ underlying, contract }) {
	const asset = ['BTC', 'ETH', 'DOT'][Number(underlying)] ?? `underlying ${underlying}`;
	if (contract === 'Perpetual') return `${asset}-PERP`;
	const [[kind, terms]] = Object.entries(contract);
	const day = new Date(Number(terms.expiry)).toISOString().slice(0, 10);
	if (kind === 'Future') return `${asset}-${day}`;
	return `${asset}-${day}-${terms.strike / 10n ** 18n}-${terms.kind[0]}`;
}

/**
 * The state as it is after the best block, for reading several things of the same block.
 * @param {ApiPromise} api
 * @returns {Promise<ApiPromise>}
 */
export async function atBest(api) {
	return /** @type {any} */ (await api.at(await api.rpc.chain.getBlockHash()));
}

/** The account that holds all deposits. @param {ApiPromise} api */
export function vault(api) {
	const id = /** @type {any} */ (api.consts.margin.palletId).toU8a();
	return encodeAddress(u8aFixLength(u8aConcat(stringToU8a('modl'), id), 256, true), api.registry.chainSS58 ?? 42);
}

/** How much of the settlement asset an account holds. @param {ApiPromise} api @param {string} who */
export async function cashOf(api, who) {
	const held = plain(await api.query.assets.account(api.consts.markets.settlementAsset, who));
	return held ? held.balance : 0n;
}

/**
 * All sub-accounts' records.
 * @param {ApiPromise} api
 * @returns {Promise<{ owner: string, number: number, record: any }[]>}
 */
export async function records(api) {
	const entries = await api.query.margin.accounts.entries();
	return entries.map(([key, value]) => {
		const parts = key.args.flatMap((/** @type {any} */ arg) => {
			const part = plain(arg);
			return part !== null && typeof part === 'object' ? Object.values(part) : [part];
		});
		return { owner: parts[0], number: Number(parts[1]), record: plain(value) };
	});
}

/**
 * Conservation of cash, all in settlement units: what the records and pots say, what the chain has
 * booked, and what the vault holds beyond its seed. The three are the same, at one block: see `atBest`.
 * @param {ApiPromise} api
 * @param {bigint} seed what the vault held before anything was deposited
 */
export async function cashBooks(api, seed) {
	const pots = plain(await api.query.margin.ledger());
	const booked = plain(await api.query.margin.booked(/** @type {any} */ (api.consts.markets.settlementAsset)));
	const all = await records(api);
	const accounts = all.reduce((sum, { record }) => sum + record.cash, 0n);
	const recorded = accounts + pots.insurance + pots.fees + pots.settlement + pots.funding + pots.accrued;
	const held = (await cashOf(api, vault(api))) - seed;
	return { accounts, insurance: pots.insurance, fees: pots.fees, settlement: pots.settlement, funding: pots.funding, accrued: pots.accrued, recorded, booked, held };
}

/**
 * Per instrument: the sum of all sizes, the sum of longs, and the open interest that is kept.
 * @param {ApiPromise} api
 * @returns {Promise<Map<string, { sum: bigint, longs: bigint, openInterest: bigint }>>}
 */
export async function contractBooks(api) {
	/** @type {Map<string, { sum: bigint, longs: bigint, openInterest: bigint }>} */
	const books = new Map();
	for (const [key, value] of await api.query.markets.instruments.entries()) {
		const listing = plain(value);
		books.set(instrumentName(plain(key.args[0])), { sum: 0n, longs: 0n, openInterest: listing.openInterest });
	}
	for (const { record } of await records(api)) {
		for (const { instrument, size } of record.positions) {
			const name = instrumentName(instrument);
			const book = books.get(name) ?? { sum: 0n, longs: 0n, openInterest: 0n };
			book.sum += size;
			if (size > 0n) book.longs += size;
			books.set(name, book);
		}
	}
	return books;
}

/** Sizes of a sub-account's positions by instrument. @param {ApiPromise} api @param {string} owner */
export async function positionsOf(api, owner, number = 0) {
	const found = (await records(api)).find((one) => one.owner === owner && one.number === number);
	return new Map((found?.record.positions ?? []).map((/** @type {any} */ position) => [instrumentName(position.instrument), position.size]));
}

/** An event's fields by name. @param {any} event @returns {Record<string, any>} */
export function fieldsOf(event) {
	return Object.fromEntries(event.data.map((/** @type {any} */ value, /** @type {number} */ i) => [String(event.data.names?.[i] ?? i).replace(/_$/, ''), plain(value)]));
}

/**
 * Events of a block, decoded.
 * @param {ApiPromise} api
 * @param {string | Uint8Array} hash
 * @returns {Promise<{ section: string, method: string, data: Record<string, any> }[]>}
 */
export async function eventsAt(api, hash) {
	const at = await api.at(hash);
	const events = /** @type {any} */ (await at.query.system.events());
	return events.map(({ event }) => ({
		section: event.section,
		method: event.method,
		data: fieldsOf(event),
	}));
}
