// What the prices are now: a place in the bars, and what follows from it.

import { realisedVolatility, slice, yearsBetween } from './surface.mjs';

/** Names of the underlyings as the development chain numbers them, with where they start. */
export const UNDERLYINGS = [
	{ id: 0, name: 'BTC', start: 64_000 },
	{ id: 1, name: 'ETH', start: 3_000 },
	{ id: 2, name: 'DOT', start: 6 },
];

/** How often an advance is halved at most to keep within its limit: a gap has to be passed some time. */
const MOST_HALVINGS = 8;
const VOLATILITY_BARS = 48;
/** An expiry closer than this has no surface: its total variance is nearly nothing. */
const SHORTEST_SURFACE = 60_000;

/** A replay in progress. */
export class Replay {
	/** @type {number} where it stands: whole bars gone by, and the part of the next */
	#position = 0;
	/** @type {Map<number, number[]>} expiries, ms of chain time, by underlying */
	#expiries = new Map();
	/** @type {{ chain: number, wall: number } | undefined} */
	#clock;
	/** What every price is multiplied by. */
	#scale = 1;

	/**
	 * @param {import('./bars.mjs').Window} window
	 * @param {object} [options]
	 * @param {number} [options.underlying] which underlying the bars are of
	 * @param {Record<number, number>} [options.betas] by underlying: how the others follow; 1 where
	 *   it isn't given, 0 holds a price constant
	 * @param {number} [options.rate] flat interest rate per year, continuously compounded
	 * @param {number} [options.settlementAsset] USD per unit of the settlement asset
	 */
	constructor(window, { underlying = 1, betas = {}, rate = 0.04, settlementAsset = 1 } = {}) {
		if (!UNDERLYINGS.some((known) => known.id === underlying)) {
			throw new Error(`no underlying has the number ${underlying}`);
		}
		this.window = window;
		this.underlying = underlying;
		this.betas = betas;
		this.rate = rate;
		this.settlementAsset = settlementAsset;
	}

	get position() {
		return this.#position;
	}

	get finished() {
		return this.#position >= this.window.bars.length;
	}

	/** @param {number} position in bars; held within the window */
	seek(position) {
		if (!Number.isFinite(position)) throw new Error('a position is a number of bars');
		this.#position = Math.min(this.window.bars.length, Math.max(0, position));
	}

	/**
	 * Goes on by `bars`, or by a half, a quarter, … of it: as far as moves the price by no more than
	 * `limit`.
	 * @param {number} bars may be a fraction
	 * @param {number} [limit] a fraction of the price
	 */
	advance(bars, limit = Infinity) {
		if (!(limit > 0)) throw new Error('a limit is a positive fraction');
		const start = this.#position;
		const before = this.#replayed();
		const moved = () => Math.abs(this.#replayed() / before - 1);
		this.seek(start + bars);
		for (let halved = 1; halved <= MOST_HALVINGS && moved() > limit; halved += 1) {
			this.seek(start + bars / 2 ** halved);
		}
	}

	/** Starts the window from its first bar's opening again. */
	restart() {
		this.#position = 0;
	}

	/** @returns {{ index: number, fraction: number, bar: import('./bars.mjs').Bar }} */
	#place() {
		const index = Math.min(Math.floor(this.#position), this.window.bars.length - 1);
		return { index, fraction: this.#position - index, bar: this.window.bars[index] };
	}

	/** The replayed underlying's price: within a bar it passes the further extreme last. */
	#replayed() {
		const { fraction, bar } = this.#place();
		const path = bar.close < bar.open
			? [bar.open, bar.high, bar.low, bar.close]
			: [bar.open, bar.low, bar.high, bar.close];
		const along = Math.min(fraction, 1) * 3;
		const leg = Math.min(Math.floor(along), 2);
		return path[leg] + (path[leg + 1] - path[leg]) * (along - leg);
	}

	/**
	 * USD per unit.
	 * @param {number} underlying
	 */
	spot(underlying) {
		const known = UNDERLYINGS.find((one) => one.id === underlying);
		if (!known) throw new Error(`no underlying has the number ${underlying}`);
		const replayed = this.#replayed();
		if (underlying === this.underlying) return replayed * this.#scale;
		const others = (replayed / this.window.bars[0].open) ** (this.betas[underlying] ?? 1);
		return known.start * others * this.#scale;
	}

	/** @param {number} factor what every price is multiplied by from now on; 1 is as the bars say */
	setScale(factor) {
		if (!(Number.isFinite(factor) && factor > 0)) throw new Error('a scale is a positive number');
		this.#scale = factor;
	}

	/** Realised volatility of the bars up to now. */
	volatility() {
		const { index } = this.#place();
		const seen = [...this.window.history, ...this.window.bars.slice(0, index)];
		return realisedVolatility(seen.slice(-VOLATILITY_BARS), this.window.interval);
	}

	/** The moment of the bar being replayed, ms since the epoch. */
	barTime() {
		return this.#place().bar.time;
	}

	/** @param {number} underlying @param {number[]} expiries ms of chain time */
	setExpiries(underlying, expiries) {
		if (!UNDERLYINGS.some((known) => known.id === underlying)) {
			throw new Error(`no underlying has the number ${underlying}`);
		}
		if (!Array.isArray(expiries) || !expiries.every((expiry) => Number.isSafeInteger(expiry) && expiry > 0)) {
			throw new Error('expiries are whole milliseconds since the epoch');
		}
		this.#expiries.set(underlying, [...new Set(expiries)].sort((a, b) => a - b));
	}

	/** @param {number} underlying */
	expiries(underlying) {
		return this.#expiries.get(underlying) ?? [];
	}

	/**
	 * The chain's time, which a development chain sets by itself and runs faster than ours. Without
	 * it tenors count from the wall clock.
	 * @param {number} moment
	 */
	setChainTime(moment) {
		if (!Number.isSafeInteger(moment) || moment <= 0) throw new Error('chain time is whole milliseconds');
		this.#clock = { chain: moment, wall: Date.now() };
	}

	/** What the chain's time is taken to be. */
	chainTime() {
		return this.#clock ? this.#clock.chain + (Date.now() - this.#clock.wall) : Date.now();
	}

	/**
	 * Forward, rate and surface of each expiry of an underlying that has not passed.
	 * @param {number} underlying
	 */
	curve(underlying) {
		const now = this.chainTime();
		const spot = this.spot(underlying);
		const volatility = this.volatility();
		return this.expiries(underlying)
			.filter((expiry) => expiry > now)
			.map((expiry) => {
				const years = yearsBetween(now, expiry);
				return {
					expiry,
					forward: spot * Math.exp(this.rate * years),
					rate: this.rate,
					svi: expiry - now < SHORTEST_SURFACE ? undefined : slice(volatility, years),
				};
			});
	}
}
