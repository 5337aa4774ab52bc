// The HTTP server: venues' paths, and a control path by which tests and the demo move it.

import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { answer } from './venues.mjs';

const MAX_BODY = 64 * 1024;
const TICK = 100;
const KINDS = ['down', 'unavailable', 'slow', 'malformed', 'lie'];
const VENUES = ['kraken', 'coinbase', 'binance', 'plimsoll'];

/**
 * How a venue misbehaves.
 * @typedef {{ kind: string, ms?: number, factor?: number }} Fault
 */

/** Sets faults by venue and counts requests. */
class Faults {
	/** @type {Map<string, Fault>} */
	#byVenue = new Map();
	/** @type {Record<string, number>} */
	requests = {};

	/** @param {unknown} wanted one fault with its venue ("all" or none: each), or null to clear */
	set(wanted) {
		if (wanted === null) {
			this.#byVenue.clear();
			return;
		}
		const { venue = 'all', kind, ms, factor } = /** @type {any} */ (wanted);
		if (kind !== null && !KINDS.includes(kind)) throw new Error(`a fault's kind is one of ${KINDS.join(', ')}`);
		if (venue !== 'all' && !VENUES.includes(venue)) throw new Error(`a venue is one of ${VENUES.join(', ')}`);
		if (kind === 'slow' && !(ms > 0)) throw new Error('a slow venue needs "ms"');
		if (kind === 'lie' && !(factor > 0)) throw new Error('a lying venue needs a positive "factor"');
		for (const one of venue === 'all' ? VENUES : [venue]) {
			if (kind === null) this.#byVenue.delete(one);
			else this.#byVenue.set(one, { kind, ms, factor });
		}
	}

	/** @param {string} venue */
	of(venue) {
		return this.#byVenue.get(venue);
	}

	/** @param {string} venue */
	factor(venue) {
		const fault = this.#byVenue.get(venue);
		return fault?.kind === 'lie' ? (fault.factor ?? 1) : 1;
	}

	/** @param {string} venue */
	count(venue) {
		this.requests[venue] = (this.requests[venue] ?? 0) + 1;
	}

	toJSON() {
		return Object.fromEntries(this.#byVenue);
	}
}

/** @param {import('node:http').ServerResponse} response @param {number} status @param {unknown} body */
function send(response, status, body) {
	const text = JSON.stringify(body);
	response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
	response.end(text);
}

/** @param {import('node:http').IncomingMessage} request */
async function readJson(request) {
	let text = '';
	for await (const chunk of request) {
		text += chunk;
		if (text.length > MAX_BODY) throw new Error('the body is too long');
	}
	const value = JSON.parse(text);
	if (value === null || typeof value !== 'object' || Array.isArray(value)) throw new Error('the body is no object');
	return value;
}

/**
 * A venue's answer with its fault, if it has one.
 * @param {import('node:http').ServerResponse} response
 * @param {Fault | undefined} fault
 * @param {{ status: number, body: unknown }} found
 */
async function sendWithFault(response, fault, found) {
	if (fault?.kind === 'down') {
		response.destroy();
		return;
	}
	if (fault?.kind === 'unavailable') {
		send(response, 503, { error: 'unavailable' });
		return;
	}
	if (fault?.kind === 'slow') await sleep(fault.ms, undefined, { ref: false });
	if (fault?.kind === 'malformed') {
		response.writeHead(200, { 'content-type': 'application/json' });
		response.end(JSON.stringify(found.body).slice(0, 24).replaceAll(/\d/g, 'x'));
		return;
	}
	if (!response.destroyed) send(response, found.status, found.body);
}

/**
 * Applies a control message. Unknown fields are refused, so that a misspelt one isn't overlooked.
 * @param {Record<string, any>} message
 * @param {import('./replay.mjs').Replay} replay
 * @param {Faults} faults
 * @param {{ speed: number }} timer
 */
function control(message, replay, faults, timer) {
	for (const [field, value] of Object.entries(message)) {
		switch (field) {
			case 'expiries':
				for (const [underlying, moments] of Object.entries(value)) replay.setExpiries(Number(underlying), moments);
				break;
			case 'chain_time':
				replay.setChainTime(value);
				break;
			case 'restart':
				if (value) replay.restart();
				break;
			case 'bar':
				replay.seek(value);
				break;
			case 'scale':
				replay.setScale(value);
				break;
			case 'advance':
				replay.advance(value, message.limit);
				break;
			case 'limit':
				if (!('advance' in message)) throw new Error('a limit is for an advance');
				break;
			case 'speed':
				if (!(Number.isFinite(value) && value >= 0)) throw new Error('speed is a number of bars a second');
				timer.speed = value;
				break;
			case 'fault':
				faults.set(value);
				break;
			default:
				throw new Error(`no control is called "${field}"`);
		}
	}
}

/** @param {import('./replay.mjs').Replay} replay @param {Faults} faults @param {{ speed: number }} timer */
function state(replay, faults, timer) {
	return {
		bar: replay.position,
		bars: replay.window.bars.length,
		bar_time: new Date(replay.barTime()).toISOString(),
		finished: replay.finished,
		speed: timer.speed,
		underlying: replay.underlying,
		spots: Object.fromEntries([0, 1, 2].map((underlying) => [underlying, replay.spot(underlying)])),
		volatility: replay.volatility(),
		fall: replay.window.fall,
		expiries: Object.fromEntries([0, 1, 2].map((underlying) => [underlying, replay.expiries(underlying)])),
		faults: faults.toJSON(),
		requests: faults.requests,
	};
}

/**
 * Starts to serve on 127.0.0.1.
 * @param {import('./replay.mjs').Replay} replay
 * @param {{ port?: number, speed?: number, log?: (line: string) => void }} [options] port 0 takes
 *   any free one; `speed` in bars a second, 0 waits for control
 * @returns {Promise<{ port: number, close: () => Promise<void> }>}
 */
export async function serve(replay, { port = 8787, speed = 0, log = () => {} } = {}) {
	const faults = new Faults();
	const timer = { speed };
	const server = createServer((request, response) => {
		handle(request, response).catch((error) => {
			log(`${request.method} ${request.url}: ${error.message}`);
			if (!response.headersSent && !response.destroyed) send(response, 400, { error: error.message });
		});
	});

	/** @param {import('node:http').IncomingMessage} request @param {import('node:http').ServerResponse} response */
	async function handle(request, response) {
		const url = new URL(request.url ?? '/', 'http://127.0.0.1');
		if (url.pathname === '/control') {
			if (request.method === 'POST') control(await readJson(request), replay, faults, timer);
			send(response, 200, state(replay, faults, timer));
			return;
		}
		const found = request.method === 'GET' ? answer(url, replay, (venue) => faults.factor(venue)) : undefined;
		if (!found) {
			send(response, 404, { error: 'no such path' });
			return;
		}
		faults.count(found.venue);
		log(`${url.pathname}${url.search}`);
		await sendWithFault(response, faults.of(found.venue), found);
	}

	const ticker = setInterval(() => {
		if (timer.speed > 0 && !replay.finished) replay.advance((timer.speed * TICK) / 1000);
	}, TICK);
	await new Promise((resolve, reject) => {
		server.once('error', reject);
		server.listen(port, '127.0.0.1', () => resolve(undefined));
	});
	const address = server.address();
	return {
		port: typeof address === 'object' && address ? address.port : port,
		close: () => {
			clearInterval(ticker);
			server.closeAllConnections();
			return new Promise((resolve) => server.close(() => resolve()));
		},
	};
}
