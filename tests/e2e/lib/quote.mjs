// A market maker's quote: the payload, and its signature.

import { blake2AsU8a } from '@polkadot/util-crypto';

/** What every signed quote begins with, with no length in front. */
export const DOMAIN = Buffer.from('plimsoll/block-trade/v1', 'ascii');

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
