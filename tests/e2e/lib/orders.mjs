// Orders as the chain takes them.

/** Rests until it is cancelled. */
export const RESTING = { Resting: { until: null, postOnly: false } };
/** Rests, or fails where it would fill at once. */
export const POST_ONLY = { Resting: { until: null, postOnly: true } };
/** What does not fill at once is cancelled. */
export const IMMEDIATE = 'ImmediateOrCancel';
/** All at once or not at all. */
export const FILL_OR_KILL = 'FillOrKill';

/** The most fills that an order may take where nothing else is said. */
const FILLS = 10;

/**
 * @param {any} instrument
 * @param {bigint} size contracts, 18 decimals: positive buys, negative sells
 * @param {bigint} price the worst that is taken, USD per contract, 18 decimals
 * @param {any} [timeInForce]
 * @param {{ reduceOnly?: boolean, selfTrade?: string }} [rest]
 */
export function order(instrument, size, price, timeInForce = RESTING, { reduceOnly = false, selfTrade = 'CancelResting' } = {}) {
	const side = size < 0n ? 'Sell' : 'Buy';
	return { instrument, side, price, size: size < 0n ? -size : size, timeInForce, selfTrade, reduceOnly };
}

/**
 * @param {import('@polkadot/api').ApiPromise} api
 * @param {{ owner: string, number: number }} account
 * @param {ReturnType<typeof order>} terms
 */
export function placeOrder(api, account, terms, fills = FILLS) {
	return api.tx.trading.placeOrder(account, /** @type {any} */ (terms), fills);
}

/**
 * Several operations of one account: each is done or undone by itself.
 * @param {import('@polkadot/api').ApiPromise} api
 * @param {{ owner: string, number: number }} account
 * @param {any[]} operations
 */
export function batch(api, account, operations, fills = FILLS) {
	return api.tx.trading.batch(account, operations, fills);
}
