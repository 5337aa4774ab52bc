// The answers of the venues, as their public interfaces give them.

import { UNDERLYINGS } from './replay.mjs';

/**
 * What a request asks for.
 * @typedef {{ underlying: number } | { settlementAsset: true }} Asked
 */

/** Each venue quotes a little beside the others, as real ones do; in parts of the price. */
const OFFSETS = { kraken: 0, coinbase: 0.0001, binance: -0.0001, plimsoll: 0 };

/** Kraken's own names for pairs: asked by the one, answered under the other. */
const KRAKEN = {
	XBTUSD: { key: 'XXBTZUSD', name: 'BTC' },
	ETHUSD: { key: 'XETHZUSD', name: 'ETH' },
	DOTUSD: { key: 'DOTUSD', name: 'DOT' },
	USDCUSD: { key: 'USDCUSD', name: 'USDC' },
};

/** @param {string} name @returns {Asked | undefined} */
function asked(name) {
	if (name === 'USDC') return { settlementAsset: true };
	const known = UNDERLYINGS.find((one) => one.name === name);
	return known && { underlying: known.id };
}

/**
 * A number as text with no exponent.
 * @param {number} value
 * @param {number} [decimals]
 */
export function decimal(value, decimals = 8) {
	return value.toFixed(decimals);
}

/**
 * The answer to a request of any venue: its status and body, or `undefined` where no venue has such
 * a path.
 * @param {URL} url
 * @param {import('./replay.mjs').Replay} replay
 * @param {(venue: string) => number} factor what a venue's prices are multiplied by; 1 unless it lies
 * @returns {{ venue: string, status: number, body: unknown } | undefined}
 */
export function answer(url, replay, factor) {
	const price = (/** @type {string} */ venue, /** @type {Asked} */ what) =>
		('underlying' in what ? replay.spot(what.underlying) * (1 + OFFSETS[venue]) : replay.settlementAsset) *
		factor(venue);
	if (url.pathname === '/0/public/Ticker') return kraken(url, price);
	const coinbasePath = /^\/v2\/prices\/([A-Z]+)-USD\/spot$/.exec(url.pathname);
	if (coinbasePath) return coinbase(coinbasePath[1], price);
	if (url.pathname === '/api/v3/ticker/price') return binance(url, price);
	if (url.pathname.startsWith('/plimsoll/v1/')) return plimsoll(url, replay, price, factor('plimsoll'));
	return undefined;
}

/** @typedef {(venue: string, what: Asked) => number} PriceOf */

/** @param {URL} url @param {PriceOf} price */
function kraken(url, price) {
	const pair = KRAKEN[/** @type {keyof typeof KRAKEN} */ (url.searchParams.get('pair') ?? '')];
	const what = pair && asked(pair.name);
	if (!what) return { venue: 'kraken', status: 200, body: { error: ['EQuery:Unknown asset pair'] } };
	const value = price('kraken', what);
	const text = decimal(value, 5);
	const ticker = {
		a: [decimal(value * 1.00005, 5), '1', '1.000'],
		b: [decimal(value * 0.99995, 5), '1', '1.000'],
		c: [text, '0.10000000'],
		v: ['1000.00000000', '5000.00000000'],
		p: [text, text],
		t: [1000, 5000],
		l: [text, text],
		h: [text, text],
		o: text,
	};
	return { venue: 'kraken', status: 200, body: { error: [], result: { [pair.key]: ticker } } };
}

/** @param {string} base @param {PriceOf} price */
function coinbase(base, price) {
	const what = asked(base);
	if (!what) {
		const body = { errors: [{ id: 'not_found', message: 'Invalid base currency' }] };
		return { venue: 'coinbase', status: 404, body };
	}
	const body = { data: { amount: decimal(price('coinbase', what), 6), base, currency: 'USD' } };
	return { venue: 'coinbase', status: 200, body };
}

/** @param {URL} url @param {PriceOf} price */
function binance(url, price) {
	const symbol = url.searchParams.get('symbol') ?? '';
	const what = asked(symbol.replace(/USDT$/, ''));
	if (!what || !symbol.endsWith('USDT')) {
		return { venue: 'binance', status: 400, body: { code: -1121, msg: 'Invalid symbol.' } };
	}
	return { venue: 'binance', status: 200, body: { symbol, price: decimal(price('binance', what), 8) } };
}

/**
 * @param {URL} url
 * @param {import('./replay.mjs').Replay} replay
 * @param {PriceOf} price
 * @param {number} factor
 */
function plimsoll(url, replay, price, factor) {
	const venue = 'plimsoll';
	const wanted = url.searchParams.get('underlying') ?? '';
	const underlying = UNDERLYINGS.find((one) => String(one.id) === wanted)?.id;
	if (underlying === undefined) {
		return { venue, status: 404, body: { error: `no underlying has the number "${wanted}"` } };
	}
	const settlement = decimal(price(venue, { settlementAsset: true }), 6);
	const spot = decimal(price(venue, { underlying }));
	if (url.pathname === '/plimsoll/v1/spot') {
		return { venue, status: 200, body: { underlying, spot, settlement_asset: settlement } };
	}
	if (url.pathname !== '/plimsoll/v1/surface') {
		return { venue, status: 404, body: { error: 'no such path' } };
	}
	const expiries = replay.curve(underlying).map(({ expiry, forward, rate, svi }) => ({
		expiry,
		forward: decimal(forward * factor),
		rate: decimal(rate, 6),
		...(svi && {
			svi: Object.fromEntries(Object.entries(svi).map(([name, value]) => [name, decimal(value, 15)])),
		}),
	}));
	return { venue, status: 200, body: { underlying, spot, settlement_asset: settlement, expiries } };
}
