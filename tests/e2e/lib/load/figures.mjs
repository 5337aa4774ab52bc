// What is made of the numbers that a load run notes.

/**
 * The value below which a share of all lies.
 * @param {number[]} values
 * @param {number} share between 0 and 1
 */
export function quantile(values, share) {
	if (values.length === 0) return 0;
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

/** @param {number[]} values */
export function mean(values) {
	return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * How much a value grows from one sample to the next: the slope of least squares.
 * @param {number[]} values
 */
export function slope(values) {
	const middle = (values.length - 1) / 2;
	const level = mean(values);
	let along = 0;
	let spread = 0;
	for (const [at, value] of values.entries()) {
		along += (at - middle) * (value - level);
		spread += (at - middle) ** 2;
	}
	return spread === 0 ? 0 : along / spread;
}

/**
 * From one block to the next, ms.
 * @param {number[]} times when each was there
 */
export function intervals(times) {
	return times.slice(1).map((time, at) => time - times[at]);
}

/** Counts of things by name. */
export class Tally {
	/** @type {Map<string, number>} */
	#counts = new Map();

	/** @param {string} name */
	add(name, by = 1) {
		this.#counts.set(name, (this.#counts.get(name) ?? 0) + by);
	}

	/** @param {string} name */
	of(name) {
		return this.#counts.get(name) ?? 0;
	}

	get total() {
		return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
	}

	/** Most frequent first. */
	entries() {
		return [...this.#counts].sort(([, a], [, b]) => b - a);
	}
}

/**
 * Numbers from 0 to 1 that look random and are the same for the same seed (mulberry32).
 * @param {number} seed
 */
export function random(seed) {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}
