// A market maker's quote: the payload, and its signature.

import { blake2AsU8a } from '@polkadot/util-crypto';

/** What every signed quote begins with, with no length in front. */
export const DOMAIN = Buffer.from('plimsoll/block-trade/v1', 'ascii');
/** The same of quotes for swaps. */
const SWAP_DOMAIN = Buffer.from('plimsoll/swap/v1', 'ascii');

/** @param {number} underlying */
export function perpetual(underlying) {
	return { underlying, contract: 'Perpetual' };
}

/** @param {number} underlying @param {number} expiry ms @param {bigint} strike 18 decimals @param {'Call' | 'Put'} kind */
export function option(underlying, expiry, strike, kind) {
	return { underlying, contract: { Option: { expiry, strike, kind } } };
}

/** @param {number} underlying @param {number} expiry ms */
export function future(underlying, expiry) {
	return { underlying, contract: { Future: { expiry } } };
}

/** @param {string} owner @param {number} [number] */
export function subAccount(owner, number = 0) {
	return { owner, number };
}

/**
 * @typedef {{ instrument: any, size: bigint, price: bigint }} Leg size from the taker's side and
 *   price, 18 decimals each
 */

let lastNonce = BigInt(Date.now());

/**
 * A quote for `legs` of a maker's sub-account, unsigned.
 * @param {import('@polkadot/api').ApiPromise} api
 * @param {string} maker the owner's address
 * @param {Leg[]} legs
 * @param {Record<string, unknown>} [overrides] of any field
 */
export async function quote(api, maker, legs, overrides = {}) {
	const header = await api.rpc.chain.getHeader();
	lastNonce += 1n;
	return {
		maker: subAccount(maker),
		signer: maker,
		taker: null,
		legs,
		expiryBlock: header.number.toNumber() + 20,
		nonce: lastNonce,
		genesisHash: api.genesisHash.toHex(),
		...overrides,
	};
}

/**
 * The bytes that the maker signs: blake2b-256 of the domain and the quote's SCALE encoding.
 * @param {import('@polkadot/api').ApiPromise} api
 * @param {any} terms
 */
export function signingHash(api, terms) {
	const type = api.tx.trading.blockTrade.meta.args[1].type.toString();
	const encoded = api.registry.createType(/** @type {any} */ (type), terms).toU8a();
	return blake2AsU8a(Buffer.concat([DOMAIN, encoded]), 256);
}

/**
 * @param {import('@polkadot/api').ApiPromise} api
 * @param {any} terms
 * @param {import('@polkadot/keyring/types').KeyringPair} pair sr25519
 */
export function sign(api, terms, pair) {
	return { Sr25519: pair.sign(signingHash(api, terms)) };
}

/**
 * A maker's quote for a swap, signed.
 * @param {import('@polkadot/api').ApiPromise} api
 * @param {import('@polkadot/keyring/types').KeyringPair} maker sr25519
 * @param {{ collateral: number, side: 'Buy' | 'Sell', price: bigint, amount: bigint }} offer what the maker does
 */
export async function swapQuote(api, maker, offer) {
	const header = await api.rpc.chain.getHeader();
	lastNonce += 1n;
	const terms = {
		maker: subAccount(maker.address),
		signer: maker.address,
		taker: null,
		...offer,
		expiryBlock: header.number.toNumber() + 20,
		nonce: lastNonce,
		genesisHash: api.genesisHash.toHex(),
	};
	const unsigned = { quote: terms, signature: { Sr25519: new Uint8Array(64) } };
	const call = /** @type {any} */ (api.tx.spot).swap(terms.maker, offer.collateral, offer.side, offer.amount, offer.price, true, [unsigned]);
	const hash = blake2AsU8a(Buffer.concat([SWAP_DOMAIN, call.method.args[6][0].quote.toU8a()]), 256);
	return { quote: terms, signature: { Sr25519: maker.sign(hash) } };
}
