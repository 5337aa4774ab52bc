// Waiting, always with an end.

import { setTimeout as sleep } from 'node:timers/promises';

export { sleep };

/**
 * A promise that fails when it takes too long.
 * @template T
 * @param {Promise<T>} promise
 * @param {number} ms
 * @param {string} what names what was waited for
 * @returns {Promise<T>}
 */
export async function within(promise, ms, what) {
	const controller = new AbortController();
	const late = sleep(ms, undefined, { signal: controller.signal }).then(() => {
		throw new Error(`${what}: not within ${Math.round(ms / 1000)} s`);
	});
	late.catch(() => {});
	try {
		return await Promise.race([promise, late]);
	} finally {
		controller.abort();
	}
}

/**
 * Asks until there is an answer, printing that it still waits every ten seconds.
 * @template T
 * @param {() => Promise<T | undefined | null | false>} ask
 * @param {{ what: string, ms?: number, every?: number, log?: (line: string) => void }} options
 * @returns {Promise<T>}
 */
export async function until(ask, { what, ms = 60_000, every = 250, log = () => {} }) {
	const start = Date.now();
	let reported = start;
	let last;
	while (Date.now() - start < ms) {
		try {
			const answer = await ask();
			if (answer) return answer;
			last = undefined;
		} catch (error) {
			last = error;
		}
		if (Date.now() - reported >= 10_000) {
			reported = Date.now();
			log(`  … still waiting: ${what} (${Math.round((reported - start) / 1000)} s)`);
		}
		await sleep(every);
	}
	throw new Error(`${what}: not within ${Math.round(ms / 1000)} s${last ? ` (${/** @type {Error} */ (last).message})` : ''}`);
}
