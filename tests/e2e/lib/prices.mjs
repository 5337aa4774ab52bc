// The price server as a child process.

import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Program } from './process.mjs';
import { until } from './wait.mjs';

const CHECKOUT = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');
const PROGRAM = join(CHECKOUT, 'tools/price-replay/price-replay.mjs');
/** Where the development preset's feeds point. */
export const PORT = 8787;

/** The bars that the demo replays where nothing else is asked for, if this machine has them. */
export function defaultPrices() {
	const folder = process.env.PLIMSOLL_DATA ?? join(CHECKOUT, '../shared/data');
	const file = join(folder, 'binance_usdm_ETHUSDT_1h_20230101_20260325.csv.gz');
	return existsSync(file) ? file : undefined;
}

/** The price server, and the handle on it. */
export class PriceServer {
	/** @type {Program | undefined} */
	#program;
	#args;
	#folder;

	/** @param {{ args?: string[], folder: string }} options `args` go to the program; `folder` takes the log */
	constructor({ args = [], folder }) {
		this.#args = args;
		this.#folder = folder;
	}

	/** Starts it, or starts it again after `stop`. */
	async start() {
		if (await this.#answers()) {
			throw new Error(`port ${PORT} is taken: another price server is running, and the chain's feeds point there`);
		}
		const program = new Program(
			'the price server',
			process.execPath,
			[PROGRAM, '--port', String(PORT), ...this.#args],
			join(this.#folder, 'prices.log'),
		);
		this.#program = program;
		await until(async () => program.failure !== undefined || this.#answers(), { what: 'the price server to answer', ms: 20_000, every: 100 });
		if (program.failure) throw new Error(`${program.failure}: ${program.tail(3)}`);
		return this;
	}

	async #answers() {
		try {
			return (await fetch(`http://127.0.0.1:${PORT}/control`)).ok;
		} catch {
			return false;
		}
	}

	/** What it says of itself when it starts. */
	banner() {
		return this.#program?.tail(10) ?? '';
	}

	/**
	 * Moves it, see tools/price-replay/README.md. Returns its state.
	 * @param {Record<string, unknown>} message
	 * @returns {Promise<any>}
	 */
	async control(message) {
		const response = await fetch(`http://127.0.0.1:${PORT}/control`, { method: 'POST', body: JSON.stringify(message, (_, value) => (typeof value === 'bigint' ? Number(value) : value)) });
		const body = await response.json();
		if (!response.ok) throw new Error(`the price server refused: ${body.error}`);
		return body;
	}

	async stop() {
		await this.#program?.stop();
		this.#program = undefined;
	}
}
