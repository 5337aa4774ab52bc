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

/** The state after a block. @param {ApiPromise} api @param {number | string} block its number or hash @returns {Promise<ApiPromise>} */
export async function stateAt(api, block) {
	const hash = typeof block === 'number' ? await api.rpc.chain.getBlockHash(block) : block;
	return /** @type {any} */ (await api.at(hash));
}

/** A block's number. @param {ApiPromise} api @param {string} hash */
export async function numberOf(api, hash) {
	return (await api.rpc.chain.getHeader(hash)).number.toNumber();
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

/** How much of an asset an account holds, in the asset's own unit. @param {ApiPromise} api @param {any} asset @param {string} who */
export async function assetOf(api, asset, who) {
	const held = plain(await api.query.assets.account(asset, who));
	return held ? held.balance : 0n;
}

/** How much of the settlement asset an account holds. @param {ApiPromise} api @param {string} who */
export function cashOf(api, who) {
	return assetOf(api, api.consts.markets.settlementAsset, who);
}

/** The asset behind a collateral. @param {ApiPromise} api @param {number} id */
export async function collateralAsset(api, id) {
	return /** @type {any} */ (await api.query.markets.collaterals(id)).unwrap().asset;
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
	const recorded = accounts + pots.insurance + pots.fees + pots.escrow + pots.settlement + pots.funding + pots.accrued;
	const held = (await cashOf(api, vault(api))) - seed;
	return { accounts, insurance: pots.insurance, fees: pots.fees, escrow: pots.escrow, settlement: pots.settlement, funding: pots.funding, accrued: pots.accrued, recorded, booked, held };
}

/**
 * Conservation of a collateral asset, in its own unit: what records, escrows and the insurance fund have, what
 * is booked, and what the vault holds beyond its seed. The three are the same, at one block.
 * @param {ApiPromise} api
 * @param {number} id
 */
export async function collateralBooks(api, id) {
	const asset = await collateralAsset(api, id);
	const of = (/** @type {any} */ record) => record.collateral.find((/** @type {any} */ [one]) => one === BigInt(id))?.[1] ?? 0n;
	const accounts = (await records(api)).reduce((sum, { record }) => sum + of(record), 0n);
	const aside = (await api.query.margin.escrows.entries()).reduce((sum, [, escrow]) => sum + of(plain(escrow)), 0n);
	const recorded = accounts + aside + plain(await api.query.margin.insuranceCollateral(id));
	const booked = plain(await api.query.margin.booked(asset));
	const held = (await assetOf(api, asset, vault(api))) - plain(await api.query.margin.seeds(asset));
	return { recorded, booked, held };
}

/** The steps in which funding is exact that make a settlement unit: sizes and indices have 18 decimals each. */
export const FUNDING_STEPS = 10n ** 30n;

/**
 * Conservation of funding, in steps: what the pot holds and positions have yet to pay, and what
 * positions have to get beyond whole units with what closed ones left. The two are the same, at one block.
 * @param {ApiPromise} api
 */
export async function fundingBooks(api) {
	const pots = plain(await api.query.margin.ledger());
	const indices = new Map(plain(await api.query.markets.funding()).map((/** @type {any} */ one) => [one.underlying, one.index]));
	let toPay = pots.funding * FUNDING_STEPS;
	let toGet = pots.fundingDust;
	for (const { record } of await records(api)) {
		for (const { instrument, size, funding } of record.positions) {
			if (funding === null) continue;
			toPay += size * (indices.get(instrument.underlying) - funding.index);
			toGet += funding.rest;
		}
	}
	return { toPay, toGet };
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
 * What the events of a kind say, in their order.
 * @param {any[]} events of a transaction
 * @param {string} section
 * @param {string} method
 */
export function toldOf(events, section, method) {
	return events.filter((event) => event.section === section && event.method === method).map(fieldsOf);
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

/**
 * Events of some blocks, decoded, each with its block's number.
 * @param {ApiPromise} api
 * @param {number} after the block before the first
 * @param {number} to the last
 */
export async function eventsBetween(api, after, to) {
	const all = [];
	for (let block = after + 1; block <= to; block += 1) {
		for (const event of await eventsAt(api, await api.rpc.chain.getBlockHash(block))) all.push({ ...event, block });
	}
	return all;
}
