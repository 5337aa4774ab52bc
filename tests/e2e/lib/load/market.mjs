// What a load run's makers and takers do, and what they know of the book: from events alone.

import { instrumentName } from '../chain.mjs';
import { floorTo, ceilTo, parse } from '../format.mjs';
import { batch, IMMEDIATE, order, placeOrder, POST_ONLY } from '../orders.mjs';
import { sleep } from '../wait.mjs';

/** @typedef {import('../scene.mjs').Scene} Scene */
/** @typedef {import('./crowd.mjs').Member} Member */
/** @typedef {import('./options.mjs').Load} Load */

/** What a quote is worth, about, USD. */
const NOTIONAL = parse(200);
/** How far the best quotes are from the mark, and one quote from the next, in hundred-thousandths. */
const SPREAD = 40n;
const STEP = 25n;
const ONE = 100_000n;
/** In how many instruments each maker quotes. */
const BOOKS = 2;
/** The most fills that a taker's order asks for. */
const FILLS = 6;

/**
 * An instrument, with its terms and its mark.
 * @typedef {{ instrument: any, name: string, tick: bigint, lot: bigint, mark: bigint }} Market
 */

/** Orders that rest, as events tell of them. */
export class Resting {
	/** @type {Map<bigint, { owner: string, market: string, side: string, left: bigint }>} */
	#orders = new Map();
	/** @type {Map<string, Set<bigint>>} of an owner's side of a book */
	#quotes = new Map();

	/** @param {string} owner @param {string} market @param {string} side */
	#of(owner, market, side) {
		const key = `${owner} ${market} ${side}`;
		const found = this.#quotes.get(key) ?? new Set();
		this.#quotes.set(key, found);
		return found;
	}

	/** @param {{ order: bigint, account: { owner: string }, terms: any }} placed */
	placed({ order: id, account, terms }) {
		if (terms.timeInForce === IMMEDIATE) return;
		const market = instrumentName(terms.instrument);
		this.#orders.set(id, { owner: account.owner, market, side: terms.side, left: terms.size });
		this.#of(account.owner, market, terms.side).add(id);
	}

	/** @param {bigint} id @param {bigint} size */
	filled(id, size) {
		const resting = this.#orders.get(id);
		if (!resting) return;
		resting.left -= size;
		if (resting.left <= 0n) this.gone(id);
	}

	/** @param {bigint} id */
	gone(id) {
		const resting = this.#orders.get(id);
		if (!resting) return;
		this.#orders.delete(id);
		this.#of(resting.owner, resting.market, resting.side).delete(id);
	}

	/** Oldest first. @param {string} owner @param {string} market @param {'Buy' | 'Sell'} side */
	quotes(owner, market, side) {
		return [...this.#of(owner, market, side)];
	}

	get count() {
		return this.#orders.size;
	}
}

/** Makers and takers. */
export class Traders {
	/**
	 * @param {Scene} scene
	 * @param {import('./crowd.mjs').Crowd} crowd
	 * @param {Market[]} markets
	 * @param {Load} load
	 * @param {() => number} random
	 */
	constructor(scene, crowd, markets, load, random) {
		this.scene = scene;
		this.crowd = crowd;
		this.markets = markets;
		this.load = load;
		this.random = random;
		this.resting = new Resting();
		const count = Math.max(1, Math.round((load.accounts * load.makers) / 100));
		this.makers = crowd.members.slice(0, count);
		this.takers = crowd.members.slice(count);
	}

	/**
	 * Sends what is due after a block.
	 * @param {number} block its number
	 * @param {number} turn how many blocks the run has lasted
	 * @param {(reason: string) => void} refused
	 */
	async act(block, turn, refused) {
		this.crowd.remind(block, refused);
		const due = (/** @type {Member[]} */ all, /** @type {number} */ every) =>
			all.filter((member, number) => number % every === turn % every && !member.waiting);
		for (const [number, maker] of due(this.makers, this.load.quoteEvery).entries()) {
			await this.crowd.offer(maker, this.#quote(maker), block, refused);
			if (number % 8 === 7) await sleep(0);
		}
		for (const taker of due(this.takers, this.load.takeEvery)) {
			await this.crowd.offer(taker, this.#take(taker), block, refused);
		}
	}

	/** A maker's quotes, moved to where the marks are: those that rest are replaced. @param {Member} maker */
	#quote(maker) {
		const first = this.makers.indexOf(maker);
		const books = Array.from({ length: Math.min(BOOKS, this.markets.length) }, (_, at) => this.markets[(first + at) % this.markets.length]);
		const operations = books.flatMap((market) => /** @type {const} */ (['Buy', 'Sell']).flatMap((side) => {
			const old = this.resting.quotes(maker.address, market.name, side);
			return Array.from({ length: this.load.levels }, (_, level) => {
				const terms = this.#terms(market, side, level);
				return level < old.length ? { Replace: [old[level], terms] } : { Place: terms };
			});
		}));
		return batch(this.scene.api, maker.account, operations, 0);
	}

	/** @param {Market} market @param {'Buy' | 'Sell'} side @param {number} level */
	#terms({ instrument, tick, lot, mark }, side, level) {
		const away = SPREAD + STEP * BigInt(level) + BigInt(Math.floor(this.random() * Number(STEP)));
		const size = ceilTo((NOTIONAL * ONE_CONTRACT) / mark, lot);
		if (side === 'Buy') return order(instrument, size, atLeast(floorTo((mark * (ONE - away)) / ONE, tick), tick), POST_ONLY);
		return order(instrument, -size, ceilTo((mark * (ONE + away)) / ONE, tick), POST_ONLY);
	}

	/** @param {Member} taker */
	#take(taker) {
		const { instrument, tick, lot, mark } = this.markets[Math.floor(this.random() * this.markets.length)];
		// From a half to two and a half of what one quote offers.
		const size = ceilTo((NOTIONAL * BigInt(Math.floor(50 + this.random() * 200)) * ONE_CONTRACT) / (100n * mark), lot);
		const buys = this.random() < 0.5;
		const worst = buys ? ceilTo((mark * 102n) / 100n, tick) : atLeast(floorTo((mark * 98n) / 100n, tick), tick);
		return placeOrder(this.scene.api, taker.account, order(instrument, buys ? size : -size, worst, IMMEDIATE), FILLS);
	}
}

const ONE_CONTRACT = parse(1);

/** @param {bigint} value @param {bigint} least */
function atLeast(value, least) {
	return value < least ? least : value;
}
