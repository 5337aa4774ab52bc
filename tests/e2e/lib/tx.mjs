// Sending transactions, and the chain's errors by name.

import { within } from './wait.mjs';

/** An error that the runtime named. */
export class ChainError extends Error {
	/** @param {string} name "pallet.Error" or the kind of a general one */
	constructor(name, detail = '') {
		super(detail ? `${name}: ${detail}` : name);
		this.name = 'ChainError';
		this.chainName = name;
	}
}

/**
 * The name of a dispatch error: "trading.NonceUsed", "BadOrigin", "token.FundsUnavailable", ….
 * @param {import('@polkadot/api').ApiPromise} api
 * @param {any} error
 * @returns {ChainError}
 */
export function named(api, error) {
	if (error.isModule) {
		const found = api.registry.findMetaError(error.asModule);
		return new ChainError(`${found.section}.${found.name}`, found.docs.join(' '));
	}
	const inner = error.inner && error.inner.type !== undefined ? `.${error.inner.type}` : '';
	return new ChainError(`${error.type}${inner}`);
}

/** Transaction statuses after which nothing more comes. */
const DEAD = ['isInvalid', 'isDropped', 'isUsurped', 'isRetracted', 'isFinalityTimeout'];

/**
 * What became of a transaction.
 * @typedef {{ events: any[], blockHash: string }} Outcome
 */

/**
 * Signs, submits and waits until it is in a block. A development node says Finalized without
 * having said InBlock, so either will do.
 * @param {import('@polkadot/api').ApiPromise} api
 * @param {any} tx
 * @param {import('@polkadot/keyring/types').KeyringPair} signer
 * @param {{ tip?: bigint, nonce?: number, ms?: number }} [options]
 * @returns {Promise<Outcome>} fails with a `ChainError` where the runtime refused
 */
export async function send(api, tx, signer, { tip, nonce = -1, ms = 60_000 } = {}) {
	/** @type {(() => void) | undefined} */
	let unsubscribe;
	const done = new Promise((resolve, reject) => {
		tx.signAndSend(signer, { nonce, ...(tip !== undefined && { tip }) }, (/** @type {any} */ result) => {
			const { status, events, dispatchError, internalError } = result;
			if (internalError) reject(internalError);
			if (DEAD.some((name) => status[name])) reject(new ChainError(`transaction.${status.type}`));
			if (!status.isInBlock && !status.isFinalized) return;
			const blockHash = (status.isFinalized ? status.asFinalized : status.asInBlock).toHex();
			const failure = dispatchError ?? sudoError(events);
			if (failure) reject(named(api, failure));
			else resolve({ events: events.map((/** @type {any} */ record) => record.event), blockHash });
		}).then((/** @type {() => void} */ stop) => { unsubscribe = stop; }, reject);
	});
	const { method } = tx;
	try {
		return await within(done, ms, `${method.section}.${method.method} to be in a block`);
	} finally {
		unsubscribe?.();
	}
}

/** The error inside a sudo call that itself succeeded. @param {any[]} events */
function sudoError(events) {
	for (const { event } of events) {
		if (event.section === 'sudo' && event.method === 'Sudid' && event.data[0].isErr) return event.data[0].asErr;
	}
	return undefined;
}

/**
 * Sends as the superuser.
 * @param {import('@polkadot/api').ApiPromise} api
 * @param {import('@polkadot/keyring/types').KeyringPair} alice
 * @param {any} call
 */
export function sudo(api, alice, call) {
	return send(api, api.tx.sudo.sudo(call), alice);
}

/**
 * The name of the error that a promise fails with.
 * @param {Promise<unknown>} promise
 * @returns {Promise<string>} fails where it succeeds
 */
export async function errorName(promise) {
	try {
		await promise;
	} catch (error) {
		if (error instanceof ChainError) return error.chainName;
		return /** @type {Error} */ (error).message;
	}
	throw new Error('it succeeded, though it should have been refused');
}

/** Events of a kind. @param {any[]} events @param {string} section @param {string} [method] */
export function eventsOf(events, section, method) {
	return events.filter((event) => event.section === section && (method === undefined || event.method === method));
}

/**
 * A call as a general transaction: no signature, every extension at its default. It is how
 * `#[pallet::authorize]` calls are sent, which polkadot.js has no function for.
 * @param {import('@polkadot/api').ApiPromise} api
 * @param {any} call
 * @returns {`0x${string}`}
 */
export function generalTransaction(api, call) {
	const GENERAL_VERSION_5 = 0b0100_0101;
	const EXTENSION_VERSION = 0;
	const { transactionExtensions } = /** @type {any} */ (api.runtimeMetadata.asLatest.extrinsic);
	const extensions = transactionExtensions.map((/** @type {any} */ extension) =>
		api.registry.createType(api.registry.createLookupType(extension.type)).toU8a());
	const body = Buffer.concat([
		Buffer.from([GENERAL_VERSION_5, EXTENSION_VERSION]),
		...extensions,
		call.method.toU8a(),
	]);
	const length = api.registry.createType('Compact<u32>', body.length).toU8a();
	return `0x${Buffer.concat([length, body]).toString('hex')}`;
}

/**
 * Submits bytes as they are.
 * @param {import('@polkadot/api').ApiPromise} api
 * @param {string} bytes
 * @returns {Promise<string>} the transaction's hash; fails with the pool's own words
 */
export async function submitRaw(api, bytes) {
	// Past polkadot.js's own decoding and encoding, which does not keep general transactions as they are.
	return /** @type {any} */ (api)._rpcCore.provider.send('author_submitExtrinsic', [bytes]);
}
